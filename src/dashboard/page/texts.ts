export const LANGUAGES = ['vi', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** Each text in Vietnamese and English; `{name}` is filled in. */
const TEXTS = {
  title: ['Tổng hợp một cửa', 'One-stop desk overview'],
  skip: ['Đến nội dung chính', 'Skip to the main content'],
  tagline: [
    'Tỷ lệ bưu chính công ích, đúng hạn và quá hạn — mỗi con số mở ra danh sách hồ sơ đứng sau nó.',
    'The postal ratio, punctuality and overdue dossiers — each figure opens the list of dossiers behind it.',
  ],
  keyLabel: ['Khóa API', 'API key'],
  keyHint: [
    'Cần quyền reports:read và overdue:read. Khóa chỉ được giữ trong thẻ trình duyệt này, đến khi đăng xuất hoặc đóng thẻ.',
    'It needs the scopes reports:read and overdue:read. It is kept in this browser tab alone, until you sign out or close it.',
  ],
  signIn: ['Xem tổng hợp', 'Open the overview'],
  signingIn: ['Đang kiểm tra…', 'Checking…'],
  signOut: ['Đăng xuất', 'Sign out'],
  print: ['In trang', 'Print'],
  otherLanguage: ['English', 'Tiếng Việt'],
  filters: ['Chọn số liệu', 'What to show'],
  agency: ['Cơ quan', 'Agency'],
  allAgencies: ['Mọi cơ quan trong phạm vi của khóa', 'All agencies that the key sees'],
  calendarYear: ['Năm', 'Year'],
  part: ['Kỳ', 'Period'],
  part_: ['Cả năm', 'Whole year'],
  part_H1: ['6 tháng đầu năm', 'First six months'],
  part_9M: ['9 tháng đầu năm', 'First nine months'],
  part_Q1: ['Quý I', 'Quarter 1'],
  part_Q2: ['Quý II', 'Quarter 2'],
  part_Q3: ['Quý III', 'Quarter 3'],
  part_Q4: ['Quý IV', 'Quarter 4'],
  yearKind: ['Tính theo', 'Counted by'],
  year_calendar: ['Năm dương lịch (1/1–31/12)', 'Calendar year (1/1–31/12)'],
  year_administrative: ['Năm hành chính (15/12–14/12)', 'Administrative year (15/12–14/12)'],
  shown: ['{agency} · {part} {year} · {from} – {to}', '{agency} · {part} {year} · {from} – {to}'],
  countedAt: ['Đếm lúc {asOf}', 'Counted at {asOf}'],

  ratioTitle: ['Tỷ lệ bưu chính công ích', 'Postal ratio'],
  definition: ['Cách tính', 'Definition'],
  definition_either: ['Ít nhất một chặng bưu chính / tiếp nhận', 'At least one postal leg / received'],
  definition_intake: ['Nhận qua bưu chính / tiếp nhận', 'Received by post / received'],
  definition_return: ['Trả qua bưu chính / đã trả', 'Returned by post / returned'],
  definition_both: ['Cả hai chặng bưu chính / tiếp nhận', 'Both legs by post / received'],
  definition_legs: ['Lượt bưu chính / mọi lượt', 'Postal legs / all legs'],
  target_gt: ['trên {percent}\u202f%', 'above {percent}\u202f%'],
  target_gte: ['từ {percent}\u202f% trở lên', 'at least {percent}\u202f%'],
  met: ['Đạt chỉ tiêu {target}', 'Target met: {target}'],
  notMet: ['Chưa đạt chỉ tiêu {target}', 'Target not met: {target}'],
  noRatio: [
    'Chưa có hồ sơ nào để tính; chỉ tiêu {target}.',
    'Nothing to count in this period yet; the target is {target}.',
  ],
  of: ['trên', 'of'],
  shortfall: [
    'Trong số hồ sơ đã đếm, cần thêm {n} qua bưu chính để đạt.',
    'Of the counted dossiers, {n} more would have had to go by post.',
  ],
  projection: [
    'Dự kiến cuối kỳ {ratio} ({n}/{d}) — {verdict}; đã qua {passed}/{days} ngày làm việc.',
    'Projected for the period’s end: {ratio} ({n}/{d}) — {verdict}; {passed} of {days} working days have passed.',
  ],
  verdictMet: ['đạt', 'met'],
  verdictNotMet: ['chưa đạt', 'not met'],
  targetLine: ['Chỉ tiêu {percent}\u202f%', 'Target {percent}\u202f%'],
  metMonth: ['Tháng đạt chỉ tiêu', 'Month that meets the target'],
  notMetMonth: ['Tháng chưa đạt', 'Month below it'],
  ratioChart: [
    'Biểu đồ: tỷ lệ bưu chính theo tháng so với chỉ tiêu {percent}\u202f%. Số liệu ở bảng bên dưới.',
    'Chart: the postal ratio by month against the target of {percent}\u202f%. The table below has the figures.',
  ],
  byMonthTable: ['Bảng số liệu theo tháng', 'Figures by month'],
  month: ['Tháng', 'Month'],
  numerator: ['Tử số', 'Numerator'],
  denominator: ['Mẫu số', 'Denominator'],
  ratio: ['Tỷ lệ', 'Ratio'],
  verdict: ['Chỉ tiêu', 'Target'],
  yes: ['Đạt', 'Met'],
  no: ['Chưa đạt', 'Not met'],
  total: ['Tổng', 'Total'],

  channelsTitle: ['Hình thức tiếp nhận', 'Intake channels'],
  channelsLead: ['Hồ sơ tiếp nhận trong kỳ, theo tháng.', 'Dossiers received in the period, by month.'],
  channelsChart: [
    'Biểu đồ cột chồng: hồ sơ tiếp nhận theo tháng và hình thức. Số liệu ở bảng bên dưới.',
    'Stacked bars: dossiers received by month and channel. The table below has the figures.',
  ],
  desk: ['Trực tiếp', 'Desk'],
  post: ['Bưu chính', 'Post'],
  online: ['Trực tuyến', 'Online'],
  matrixTitle: ['Nhận và trả: đã trả trong kỳ', 'In and out: returned in the period'],
  matrixCorner: ['Nhận ↓ · trả →', 'In ↓ · out →'],

  punctualityTitle: ['Đúng hạn và trễ hạn', 'Punctuality'],
  onTimeOfResolved: ['đúng hạn trên số đã giải quyết', 'on time, of those resolved'],
  onTimeOfReceived: ['đúng hạn trên số phải giải quyết', 'on time, of all that were to be resolved'],
  resolved: ['Đã giải quyết', 'Resolved'],
  early: ['Trước hạn', 'Early'],
  onTime: ['Đúng hạn', 'On time'],
  lateWithApology: ['Trễ, có xin lỗi', 'Late, with apology'],
  lateWithoutApology: ['Trễ, không xin lỗi', 'Late, without apology'],
  pending: ['Chưa giải quyết', 'Pending'],
  inTime: ['Trong hạn', 'In time'],
  overdue: ['Quá hạn', 'Overdue'],
  waiting: ['Chờ công dân', 'Waiting for the citizen'],
  apart: ['Đầu vào và tính riêng', 'Intake, and what is counted apart'],
  carriedOver: ['Kỳ trước chuyển sang', 'Carried over'],
  received: ['Tiếp nhận', 'Received'],
  refused: ['Từ chối tiếp nhận', 'Refused'],
  withdrawn: ['Công dân rút', 'Withdrawn'],
  stopped: ['Dừng xử lý', 'Stopped'],
  remainder: ['Chênh lệch chưa giải thích được: {n}', 'Unexplained remainder: {n}'],
  punctualityChart: [
    'Biểu đồ cột chồng: hồ sơ đã giải quyết theo tháng — trước hạn, đúng hạn, trễ hạn. Số liệu ở bảng bên dưới.',
    'Stacked bars: dossiers resolved by month — early, on time, late. The table below has the figures.',
  ],

  overdueTitle: ['Quá hạn theo cơ quan', 'Overdue by agency'],
  overdueNow: ['Hiện nay', 'Now'],
  overdueEnd: ['Cuối kỳ', 'At the period’s end'],
  overdueMoment: ['Thời điểm', 'Moment'],
  overdueLead: [
    'Chưa giải quyết và đã quá hẹn, theo cơ quan giải quyết; tình hình lúc {asOf}.',
    'Open and past their due date, by resolving agency; as it stood at {asOf}.',
  ],
  overdueNone: ['Không có hồ sơ nào quá hạn hay sắp đến hạn.', 'Nothing is overdue or due soon.'],
  overdueChart: [
    'Biểu đồ thanh: số hồ sơ quá hạn của {n} cơ quan nhiều nhất. Số liệu đầy đủ ở bảng.',
    'Bars: overdue dossiers of the {n} agencies with the most. The table has all figures.',
  ],
  overdueTable: ['Quá hạn và sắp đến hạn theo cơ quan', 'Overdue and due soon by agency'],
  dueSoon: ['Đến hạn trong 3 ngày', 'Due within 3 days'],
  code: ['Mã', 'Code'],

  evidenceOf: ['{n} — xem hồ sơ: {what}', '{n} — see the dossiers: {what}'],
  evidenceLead: ['{n} hồ sơ', '{n} dossiers'],
  evidenceMore: ['{n} hồ sơ đầu, còn nữa', 'The first {n} dossiers; there are more'],
  evidenceNone: ['Không có hồ sơ nào.', 'No dossiers.'],
  more: ['Xem thêm', 'Show more'],
  csv: ['Tải CSV', 'Download CSV'],
  close: ['Đóng', 'Close'],
  dossier: ['Hồ sơ', 'Dossier'],
  procedure: ['Thủ tục', 'Procedure'],
  receivingAgency: ['Tiếp nhận', 'Received at'],
  resolvingAgency: ['Giải quyết', 'Resolved at'],
  channel: ['Hình thức', 'Channel'],
  receivedAt: ['Nhận lúc', 'Received'],
  dueOn: ['Hẹn trả', 'Due'],
  finishedAt: ['Xong lúc', 'Finished'],
  standing: ['Tình trạng', 'Standing'],
  daysLate: ['{n} ngày', '{n} days'],
  punctuality_early: ['Trước hạn', 'Early'],
  punctuality_on_time: ['Đúng hạn', 'On time'],
  punctuality_late: ['Trễ hạn', 'Late'],
  punctuality_overdue: ['Quá hạn', 'Overdue'],
  punctuality_in_time: ['Trong hạn', 'In time'],
  punctuality_due_soon: ['Sắp đến hạn', 'Due soon'],
  punctuality_waiting: ['Đang chờ', 'Waiting'],
  punctuality_refused: ['Từ chối', 'Refused'],
  punctuality_withdrawn: ['Rút hồ sơ', 'Withdrawn'],
  punctuality_stopped: ['Dừng xử lý', 'Stopped'],
  status_received: ['Được tiếp nhận', 'Received'],
  status_processing: ['Đang xử lý', 'Processing'],
  status_supplement_requested: ['Yêu cầu bổ sung', 'Supplement requested'],
  status_awaiting_payment: ['Chờ nghĩa vụ tài chính', 'Awaiting payment'],

  loading: ['Đang tải…', 'Loading…'],
  loaded: ['Đã tải số liệu.', 'The figures are loaded.'],
  retry: ['Thử lại', 'Try again'],
  failed401: [
    'Khóa API không đúng hoặc đã bị thu hồi. Hãy nhập lại.',
    'This API key is wrong or was revoked. Enter it again.',
  ],
  failed403: ['Khóa API này không có quyền xem mục này.', 'This API key may not see this.'],
  failed404: ['Máy chủ này chưa có báo cáo này.', 'This server does not have this report yet.'],
  failed0: ['Không kết nối được máy chủ.', 'The server cannot be reached.'],
  failedOther: ['Máy chủ chưa trả lời được ({status}).', 'The server could not answer ({status}).'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>

export type TextName = keyof typeof TEXTS

let current: Language = 'vi'

export const language = (): Language => current
export const speak = (chosen: Language): void => {
  current = chosen
}

const isTextName = (name: string): name is TextName => Object.hasOwn(TEXTS, name)

export const say = (name: TextName, facts: Readonly<Record<string, string>> = {}): string =>
  TEXTS[name][LANGUAGES.indexOf(current)]?.replace(/\{(\w+)\}/g, (_, fact: string) => facts[fact] ?? '') ?? name

/** The word for a code of the API, or the code itself where the page does not know it yet. */
export const word = (prefix: string, code: string): string => {
  const name = `${prefix}${code}`
  return isTextName(name) ? say(name) : code
}

/** Fills in every element of the page that names its text. */
export const sayAll = (): void => {
  document.documentElement.lang = current
  document.title = `${say('title')} · motcua`
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
    element.textContent = word('', element.dataset.text ?? '')
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-label]')) {
    element.setAttribute('aria-label', word('', element.dataset.label ?? ''))
  }
}
