#include "daemon/dev_clock.h"

#include <charconv>

#include "daemon/files.h"

namespace taus {

Result<std::unique_ptr<DevClock>> DevClock::open(const std::string& path) {
  std::int64_t offset = 0;
  const Result<Bytes> content = read_file(path);
  if (content) {
    const std::string_view digits = text(*content);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), offset);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) {
      return Error(ErrorCode::corrupt, path + ": holds no offset in milliseconds; remove it to go back to the real time");
    }
  } else if (content.error().code != ErrorCode::not_found) {
    return content.error();
  }
  return std::unique_ptr<DevClock>(new DevClock(path, offset));
}

Instant DevClock::now() const { return SystemClock().now() + std::chrono::milliseconds(offset_ms_.load()); }

Result<void> DevClock::move_to(Instant now) {
  const std::int64_t offset = (now - SystemClock().now()).count();
  // First the disk: an event with the new time must not be durable before it.
  TAUS_TRY(write_file(path_, view(std::to_string(offset))));
  offset_ms_ = offset;
  return {};
}

}  // namespace taus
