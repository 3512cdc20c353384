// The version that status and --version tell.
#pragma once

namespace taus::service {
inline constexpr const char* version_text = "0.1.0";
}  // namespace taus::service
