#include "eventstore/base/result.h"

namespace taus {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::malformed: return "malformed";
    case ErrorCode::unauthorized: return "unauthorized";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::version_conflict: return "version_conflict";
    case ErrorCode::slot_taken: return "slot_taken";
    case ErrorCode::restricted: return "restricted";
    case ErrorCode::held: return "held";
    case ErrorCode::shredded: return "shredded";
    case ErrorCode::withheld: return "withheld";
    case ErrorCode::tampered: return "tampered";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::busy: return "busy";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::io: return "io";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::shutting_down: return "shutting_down";
  }
  return "unknown";
}

}  // namespace taus
