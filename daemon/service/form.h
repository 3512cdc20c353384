// The booking form as the profile has it: which fields are asked, required, refused, and what a value must look like.
//
// Threads: pure. Errors: invalid_argument with the field's pointer. Source: the profile's form (VT-09, MT-08).
#pragma once

#include "daemon/service/core.h"

namespace taus::service {

Result<void> check_form(const Core& core, api::BookingForm::Reader form);
Result<void> check_record(const Core& core, api::Record::Reader record);
Result<void> check_email(std::string_view text, const char* pointer);
Result<void> check_phone(std::string_view text, const char* pointer);

}  // namespace taus::service
