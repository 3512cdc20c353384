// Text as it stands in an HTML page, between tags or in a quoted attribute (HTML Living Standard, 13.3).
#pragma once

#include <string>
#include <string_view>

namespace taus {

std::string html_escaped(std::string_view text);

}  // namespace taus
