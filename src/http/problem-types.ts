import type { Bilingual } from '../language.ts'
import type { RefusalCode } from '../refusal.ts'

type ProblemType = { readonly status: number; readonly title: Bilingual; readonly detail: Bilingual }

const problem = (status: number, title: [vi: string, en: string], detail: [vi: string, en: string]): ProblemType => ({
  status,
  title: { vi: title[0], en: title[1] },
  detail: { vi: detail[0], en: detail[1] },
})

/** Every reason to say no, its status and its words; `{name}` stands for a fact of the case. */
export const PROBLEMS: Readonly<Record<RefusalCode, ProblemType>> = {
  invalid_input: problem(
    400,
    ['Dữ liệu không hợp lệ', 'Invalid input'],
    ['Hãy sửa các mục nêu trong errors rồi gửi lại.', 'Correct the fields named in errors and send the request again.'],
  ),
  invalid_cursor: problem(
    400,
    ['Con trỏ trang không hợp lệ', 'Invalid cursor'],
    [
      'Con trỏ phải là nextCursor của trang trước, với cùng bộ lọc. Hãy bắt đầu lại từ trang đầu.',
      'A cursor must be the nextCursor of the page before, with the same filters. Start again at the first page.',
    ],
  ),
  unauthenticated: problem(
    401,
    ['Chưa xác thực', 'Not authenticated'],
    [
      'Hãy gửi khóa API hoặc token còn hiệu lực trong tiêu đề Authorization: Bearer <khóa>.',
      'Send a live API key or token in the header Authorization: Bearer <key>.',
    ],
  ),
  scope_missing: problem(
    403,
    ['Không đủ quyền', 'Scope missing'],
    ['Khóa API này không có quyền {scope}.', 'This API key lacks the scope {scope}.'],
  ),
  scope_not_yours: problem(
    403,
    ['Không được trao quyền mình không có', 'Scope not yours to give'],
    [
      'Không ai trao được quyền mình không có; nơi gọi thiếu {scopes}.',
      'Nobody hands on a scope that they lack; the caller lacks {scopes}.',
    ],
  ),
  token_without_agency: problem(
    403,
    ['Token không nêu cơ quan', 'Token without an agency'],
    [
      'Token phải nêu trong claim {claim} một cơ quan có ở đây, hoặc * cho toàn hệ thống.',
      'The token must name in its claim {claim} an agency that exists here, or * for the whole system.',
    ],
  ),
  outside_your_agency: problem(
    403,
    ['Ngoài phạm vi cơ quan', 'Outside your agency'],
    [
      'Cơ quan {agency} không thuộc phạm vi của khóa API này.',
      'The agency {agency} is neither this API key’s own nor below it.',
    ],
  ),
  whole_system_only: problem(
    403,
    ['Chỉ dành cho quản trị toàn hệ thống', 'Whole-system keys only'],
    [
      'Dữ liệu dùng chung chỉ được sửa bằng khóa quản trị không gắn với cơ quan nào.',
      'What all agencies share is changed with an admin key that is bound to no agency.',
    ],
  ),
  route_not_found: problem(
    404,
    ['Không có đường dẫn này', 'No such route'],
    [
      'Không có {method} {path}. Xem tài liệu tại /docs.',
      'There is no {method} {path}. The documentation is at /docs.',
    ],
  ),
  dossier_not_found: problem(
    404,
    ['Không tìm thấy hồ sơ', 'Dossier not found'],
    [
      'Không có hồ sơ {dossier} trong phạm vi của khóa API này.',
      'There is no dossier {dossier} among those that this API key sees.',
    ],
  ),
  track_not_found: problem(
    404,
    ['Không tra cứu được', 'Nothing to show'],
    [
      'Không có hồ sơ mang mã này, hoặc bốn chữ số không đúng. Hãy xem lại giấy tiếp nhận.',
      'There is no dossier of this code, or the four digits are not right. Look at the receipt slip again.',
    ],
  ),
  tracked_too_often: problem(
    429,
    ['Tra cứu quá nhiều lần', 'Looked up too often'],
    [
      'Đã tra cứu quá {limit} lần. Hãy thử lại sau {retryAfter} giây.',
      'Looked up more than {limit} times. Retry in {retryAfter} seconds.',
    ],
  ),
  agency_not_found: problem(
    404,
    ['Không tìm thấy cơ quan', 'Agency not found'],
    ['Không có cơ quan {agency}.', 'There is no agency {agency}.'],
  ),
  procedure_not_found: problem(
    404,
    ['Không tìm thấy thủ tục', 'Procedure not found'],
    ['Không có thủ tục {procedure}.', 'There is no procedure {procedure}.'],
  ),
  calendar_not_found: problem(
    404,
    ['Không tìm thấy lịch làm việc', 'Calendar not found'],
    ['Không có lịch làm việc {calendar}.', 'There is no calendar {calendar}.'],
  ),
  key_not_found: problem(
    404,
    ['Không tìm thấy khóa API', 'API key not found'],
    [
      'Không có khóa API {key} trong phạm vi của khóa đang dùng.',
      'There is no API key {key} among those that the calling key sees.',
    ],
  ),
  key_ended: problem(
    409,
    ['Khóa API đã hết hiệu lực', 'API key ended'],
    [
      'Khóa API {key} đã bị thu hồi hoặc hết hạn. Hãy tạo khóa mới.',
      'The API key {key} was revoked or has expired. Create another one.',
    ],
  ),
  too_many_secrets: problem(
    409,
    ['Quá nhiều khóa còn hiệu lực', 'Too many secrets at once'],
    [
      'Khóa API {key} đang có {limit} bí mật còn hiệu lực. Hãy đợi hoặc thay với overlapHours 0 để các bí mật cũ hết hiệu lực ngay.',
      'The API key {key} has {limit} secrets that work. Wait, or rotate with overlapHours 0, which ends all earlier ones at once.',
    ],
  ),
  level_out_of_order: problem(
    409,
    ['Sai thứ bậc cơ quan', 'Agency level out of order'],
    [
      'Cơ quan {agency} ({level}) không thể đứng như vậy so với {other} ({otherLevel}): cấp trên phải rộng hơn cấp dưới.',
      'The agency {agency} ({level}) cannot stand so to {other} ({otherLevel}): a parent’s level must be wider than its child’s.',
    ],
  ),
  calendar_not_covering: problem(
    422,
    ['Ngoài lịch làm việc đã công bố', 'Beyond the published calendar'],
    [
      'Lịch làm việc chỉ được công bố từ {from} đến {to}; thời hạn này vượt ra ngoài nên không được suy đoán.',
      'The working calendar is published from {from} to {to}; this term reaches beyond it and is not guessed.',
    ],
  ),
  no_working_time: problem(
    422,
    ['Không có giờ làm việc', 'No working time'],
    [
      'Giờ làm việc không có khoảng nào hợp lệ: mỗi khoảng phải mở trước khi đóng, theo thứ tự, không chồng nhau.',
      'The hours hold no valid period: each must open before it closes, in order, none overlapping.',
    ],
  ),
  no_limit_in_force: problem(
    422,
    ['Chưa có thời hạn hiệu lực', 'No limit in force'],
    [
      'Thủ tục {procedure} không có thời hạn nào có hiệu lực vào ngày {date}.',
      'The procedure {procedure} has no limit in force on {date}.',
    ],
  ),
  no_verification_term: problem(
    422,
    ['Không có thời hạn xác minh', 'No verification term'],
    [
      'Thủ tục này không quy định thời hạn xác minh; hãy bỏ withVerification.',
      'This procedure has no term for verification; leave withVerification out.',
    ],
  ),
  post_not_allowed: problem(
    422,
    ['Thủ tục không nhận qua bưu chính', 'Post not allowed'],
    [
      'Thủ tục {procedure} không thực hiện qua bưu chính công ích.',
      'The procedure {procedure} is not offered through the public post.',
    ],
  ),
  illegal_move: problem(
    409,
    ['Bước chuyển không hợp lệ', 'Illegal move'],
    [
      'Không thể {move} khi hồ sơ ở trạng thái {currentStatus}. Các bước hợp lệ: {legalMoves}.',
      'A dossier of status {currentStatus} cannot {move}. Legal moves: {legalMoves}.',
    ],
  ),
  already_extended: problem(
    409,
    ['Đã gia hạn một lần', 'Extended once already'],
    [
      'Hồ sơ đã được xin lỗi và hẹn lại ngày {extendedOn}; chỉ được một lần.',
      'The dossier was put off with an apology on {extendedOn}; that is allowed once.',
    ],
  ),
  extended_too_late: problem(
    422,
    ['Gia hạn quá muộn', 'Extended too late'],
    [
      'Thư xin lỗi và hẹn lại phải gửi trước ngày hẹn {dueOn} ít nhất một ngày làm việc. Việc gửi muộn chỉ được ghi bằng khóa có quyền dossiers:correct và bị đánh dấu.',
      'An apology with a new date must be sent at least one working day before the due date {dueOn}. One sent later is recorded with a key of scope dossiers:correct, and marked.',
    ],
  ),
  recorded_too_late: problem(
    422,
    ['Ghi nhận quá muộn', 'Recorded too late'],
    [
      'Cơ quan {agency} chỉ ghi nhận việc đã xảy ra trong {limit} ngày làm việc trở lại. Việc cũ hơn được ghi bằng khóa có quyền dossiers:correct và bị đánh dấu.',
      'The agency {agency} records what happened within {limit} working days. What is older is recorded with a key of scope dossiers:correct, and marked.',
    ],
  ),
  too_many_events: problem(
    422,
    ['Quá nhiều sự kiện', 'Too many events'],
    ['Hồ sơ đã có {limit} sự kiện, mức tối đa.', 'The dossier has {limit} events, the most there can be.'],
  ),
  version_mismatch: problem(
    412,
    ['Hồ sơ đã thay đổi', 'Changed since you read it'],
    [
      'Hồ sơ đang ở phiên bản {currentVersion}, trạng thái {currentStatus}; việc gần nhất là {lastEvent}. Hãy đọc lại rồi gửi If-Match mới.',
      'The dossier is at version {currentVersion}, status {currentStatus}; the last that happened is {lastEvent}. Read it again and send the new If-Match.',
    ],
  ),
  recalculation_not_found: problem(
    404,
    ['Không tìm thấy lần tính lại', 'Recalculation not found'],
    [
      'Lịch {calendar} không có lần tính lại {recalculation}.',
      'The calendar {calendar} has no recalculation {recalculation}.',
    ],
  ),
  snapshot_not_found: problem(
    404,
    ['Không tìm thấy bản chốt', 'Snapshot not found'],
    [
      'Không có bản chốt báo cáo {snapshot} trong phạm vi của khóa API này.',
      'There is no report snapshot {snapshot} among those that this API key sees.',
    ],
  ),
  no_clock: problem(
    409,
    ['Hồ sơ chưa có thời hạn', 'No clock yet'],
    [
      'Hồ sơ {dossier} chưa được tiếp nhận nên chưa có thời hạn.',
      'The dossier {dossier} has not been received, so no clock runs.',
    ],
  ),
  code_taken: problem(
    409,
    ['Mã hồ sơ đã có', 'Code taken'],
    ['Mã hồ sơ {dossier} đã được dùng.', 'The dossier code {dossier} is in use.'],
  ),
  source_conflict: problem(
    409,
    ['Trùng nguồn', 'Source conflict'],
    [
      'Đã có hồ sơ khác với cùng source {system}/{reference} nhưng nội dung khác.',
      'Another dossier has the same source {system}/{reference} but other contents.',
    ],
  ),
  concurrent_change: problem(
    409,
    ['Hồ sơ vừa thay đổi', 'Changed meanwhile'],
    [
      'Nhiều người đang xử lý cùng hồ sơ. Hãy đọc lại rồi thử lại.',
      'Others are acting on the same dossier. Read it again and retry.',
    ],
  ),
  idempotency_mismatch: problem(
    422,
    ['Idempotency-Key đã dùng cho yêu cầu khác', 'Idempotency-Key reused'],
    [
      'Idempotency-Key này đã được dùng cho một yêu cầu khác. Hãy dùng khóa mới.',
      'This Idempotency-Key was used for another request. Use a new one.',
    ],
  ),
  idempotency_running: problem(
    409,
    ['Yêu cầu đang được xử lý', 'Still running'],
    [
      'Yêu cầu đầu tiên với Idempotency-Key này đang được xử lý. Hãy thử lại sau giây lát.',
      'The first request with this Idempotency-Key is still running. Retry in a moment.',
    ],
  ),
  too_many_groups: problem(
    422,
    ['Quá nhiều nhóm', 'Too many groups'],
    [
      'Báo cáo có hơn {limit} nhóm. Hãy thu hẹp cơ quan hoặc kỳ báo cáo.',
      'The report has more than {limit} groups. Narrow the agency or the period.',
    ],
  ),
  too_much_happened_since: problem(
    422,
    ['Đã có quá nhiều sự kiện từ lúc đó', 'Too much has happened since'],
    [
      'Từ {asOf} đến nay đã có hơn {limit} sự kiện. Hãy hỏi một thời điểm gần hơn, hoặc dùng bản chốt đã lập lúc đó.',
      'More than {limit} events have come since {asOf}. Ask for a later instant, or read a snapshot taken then.',
    ],
  ),
  too_many_snapshots: problem(
    429,
    ['Quá nhiều bản chốt', 'Too many snapshots'],
    [
      'Mỗi khóa API chốt tối đa {limit} báo cáo một ngày. Hãy thử lại vào ngày mai; bản chốt đã có vẫn đọc được.',
      'A key freezes at most {limit} reports a day. Retry tomorrow; the snapshots that there are can be read.',
    ],
  ),
  no_certification_field: problem(
    422,
    ['Danh mục không có lĩnh vực chứng thực', 'No field of certification'],
    [
      'Không thủ tục nào thuộc lĩnh vực "{field}", nên không có gì để loại ra. Hãy ghi đúng tên lĩnh vực ấy trong danh mục thủ tục.',
      'No procedure has the field "{field}", so nothing would be left out. Let the procedures of that field name it so.',
    ],
  ),
  body_too_large: problem(
    413,
    ['Nội dung quá lớn', 'Body too large'],
    ['Nội dung yêu cầu vượt quá {limit} byte.', 'The request body is larger than {limit} bytes.'],
  ),
  unsupported_media_type: problem(
    415,
    ['Kiểu nội dung không hỗ trợ', 'Unsupported media type'],
    ['Hãy gửi application/json.', 'Send application/json.'],
  ),
  malformed_request: problem(
    400,
    ['Không phải yêu cầu HTTP', 'Not an HTTP request'],
    ['Máy chủ không đọc được yêu cầu này.', 'This cannot be read as an HTTP request.'],
  ),
  headers_too_large: problem(
    431,
    ['Phần đầu yêu cầu quá lớn', 'Headers too large'],
    [
      'Dòng yêu cầu và các tiêu đề vượt quá {limit} byte.',
      'The request line and the headers are larger than {limit} bytes.',
    ],
  ),
  sent_too_slowly: problem(
    408,
    ['Gửi quá chậm', 'Sent too slowly'],
    [
      'Yêu cầu chưa đến đủ trong {seconds} giây. Chưa có gì được ghi.',
      'The request had not arrived whole after {seconds} seconds. Nothing was recorded.',
    ],
  ),
  too_many_requests: problem(
    429,
    ['Quá nhiều yêu cầu', 'Too many requests'],
    [
      'Trong {windowSeconds} giây, mỗi khóa API (hoặc mỗi địa chỉ không gửi khóa) gửi tối đa {limit} yêu cầu. Hãy thử lại sau {retryAfter} giây; chưa có gì được ghi.',
      'An API key, or an address that sends none, may send {limit} requests within {windowSeconds} seconds. Retry in {retryAfter} seconds; nothing was recorded.',
    ],
  ),
  overloaded: problem(
    503,
    ['Máy chủ quá tải', 'Overloaded'],
    [
      'Quá đông người dùng nên yêu cầu này sẽ phải chờ quá lâu. Hãy thử lại sau {retryAfter} giây; chưa có gì được ghi.',
      'In this crowd the request would have to wait too long. Retry in {retryAfter} seconds; nothing was recorded.',
    ],
  ),
  not_ready: problem(
    503,
    ['Chưa sẵn sàng', 'Not ready'],
    ['Cơ sở dữ liệu chưa trả lời. Hãy thử lại sau.', 'The database does not answer. Retry later.'],
  ),
  issuer_unavailable: problem(
    503,
    ['Nơi cấp token không trả lời', 'Issuer unavailable'],
    [
      'Nơi cấp token không trả lời nên token chưa kiểm tra được. Hãy gửi lại sau {retryAfter} giây; khóa API vẫn dùng được.',
      'The issuer of tokens does not answer, so the token cannot be verified. Retry in {retryAfter} seconds; API keys go on working.',
    ],
  ),
  database_unavailable: problem(
    503,
    ['Cơ sở dữ liệu không trả lời', 'Database unavailable'],
    [
      'Cơ sở dữ liệu không trả lời. Hãy gửi lại sau {retryAfter} giây, với cùng Idempotency-Key nếu là thay đổi: việc đã ghi không bị ghi lần nữa.',
      'The database does not answer. Send the request again in {retryAfter} seconds, a change with the same Idempotency-Key: what was recorded is not recorded twice.',
    ],
  ),
  took_too_long: problem(
    503,
    ['Xử lý quá lâu', 'Took too long'],
    [
      'Yêu cầu chưa xong trong thời hạn nên đã bị ngừng. Hãy thử lại sau {retryAfter} giây, với cùng Idempotency-Key nếu là thay đổi, hoặc thu hẹp cơ quan hay kỳ.',
      'The request was not done within its time limit, and was given up. Retry in {retryAfter} seconds, a change with the same Idempotency-Key, or narrow the agency or the period.',
    ],
  ),
  storage_full: problem(
    507,
    ['Hết dung lượng lưu trữ', 'Storage full'],
    [
      'Ổ đĩa của cơ sở dữ liệu đã đầy. Hãy báo người vận hành và gửi lại sau, với cùng Idempotency-Key.',
      'The database’s disk is full. Tell whoever operates it, and send the request again later, with the same Idempotency-Key.',
    ],
  ),
  internal: problem(
    500,
    ['Lỗi máy chủ', 'Internal error'],
    [
      'Yêu cầu không thực hiện được. Khi liên hệ hỗ trợ, hãy nêu mã yêu cầu {requestId}.',
      'The request could not be carried out. Name the request id {requestId} when you ask for help.',
    ],
  ),
}
