// A page as PDF, by weasyprint, a program of its own: what it is given goes through pipes, and it writes no file.
//
// Threads: one. Errors: unavailable: the program is not there or could not do it. Source: PDF/UA-1 (ISO 14289-1), tagged for screen readers.
#pragma once

#include <string>

#include "eventstore/base/result.h"

namespace taus::tools {

Result<std::string> pdf_of(const std::string& html);

}  // namespace taus::tools
