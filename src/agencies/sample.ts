import type { Level } from './agency.ts'

type SampleAgency = { code: string; name: string; level: Level; parent?: string }

/** Đồng Tháp as it stood in 2021, in part; the codes below the province's are examples. */
export const SAMPLE_AGENCIES: readonly SampleAgency[] = [
  { code: 'H20', name: 'Tỉnh Đồng Tháp', level: 'province' },
  { code: 'H20.19', name: 'Huyện Hồng Ngự', level: 'district', parent: 'H20' },
  { code: 'H20.19.01', name: 'Thị trấn Thường Thới Tiền', level: 'commune', parent: 'H20.19' },
  { code: 'H20.19.02', name: 'Xã Thường Phước 1', level: 'commune', parent: 'H20.19' },
  { code: 'H20.19.03', name: 'Xã Thường Phước 2', level: 'commune', parent: 'H20.19' },
  { code: 'H20.19.04', name: 'Xã Long Khánh A', level: 'commune', parent: 'H20.19' },
  { code: 'H20.19.05', name: 'Xã Long Thuận', level: 'commune', parent: 'H20.19' },
  { code: 'H20.19.06', name: 'Xã Phú Thuận A', level: 'commune', parent: 'H20.19' },
  { code: 'H20.20', name: 'Thành phố Cao Lãnh', level: 'district', parent: 'H20' },
  { code: 'H20.20.01', name: 'Phường 1', level: 'commune', parent: 'H20.20' },
  { code: 'H20.20.02', name: 'Phường Mỹ Phú', level: 'commune', parent: 'H20.20' },
  { code: 'H20.21', name: 'Huyện Tam Nông', level: 'district', parent: 'H20' },
  { code: 'H20.21.01', name: 'Thị trấn Tràm Chim', level: 'commune', parent: 'H20.21' },
]
