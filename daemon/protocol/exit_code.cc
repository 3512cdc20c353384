#include "daemon/protocol/exit_code.h"

namespace taus::protocol {

int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::io: return 1;
    case ErrorCode::invalid_argument:
    case ErrorCode::malformed:
    case ErrorCode::too_large: return 2;
    case ErrorCode::not_found: return 3;
    case ErrorCode::unauthorized:
    case ErrorCode::withheld: return 4;
    case ErrorCode::version_conflict:
    case ErrorCode::slot_taken: return 5;
    case ErrorCode::shredded: return 6;
    case ErrorCode::restricted:
    case ErrorCode::held: return 7;
    case ErrorCode::busy:
    case ErrorCode::unavailable:
    case ErrorCode::shutting_down: return 8;
    case ErrorCode::tampered:
    case ErrorCode::corrupt: return 9;
  }
  return 1;
}

std::optional<ErrorCode> error_code_of(std::string_view name) noexcept {
  for (int i = 1; i <= static_cast<int>(ErrorCode::shutting_down); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    if (to_string(code) == name) return code;
  }
  return std::nullopt;
}

}  // namespace taus::protocol
