// The booking form as the profile has it: which fields are asked, required, refused, and what a value must look like.
//
// Threads: pure. Errors: invalid_argument with the field's pointer. Source: the profile's form and consent act (VT-08, VT-09, MT-05, MT-08).
#pragma once

#include "daemon/service/core.h"

namespace taus::service {

struct ConsentAsTold {
  std::string_view notice;
  schema::ConsentAct act;
  std::string_view language;
};

// Without `consent_needed` the form may leave consent out.
Result<void> check_form(const Core& core, api::BookingForm::Reader form, bool consent_needed);
// To the notice in force, by the act the profile knows, in a language it is published in; told at `pointer`.
Result<void> check_consent(const policy::Profile& profile, const ConsentAsTold& told, const std::string& pointer);
Result<void> check_record(const Core& core, api::Record::Reader record);
Result<void> check_email(std::string_view text, const char* pointer);
Result<void> check_phone(std::string_view text, const char* pointer);

}  // namespace taus::service
