// One centre's rules as data: form, notice and consent act, phases, access, retention, deadlines, statistics. A profile is
// a TOML file (docs/PROFILES.md describes every key); `vt` and `mt` are built in. Code never asks which profile it has.
//
// Threads: immutable after loading, any thread. Ownership: a plain value that refers to nothing else.
// Errors: load_profile names every mistake of the text with its line, one a line of the message (`invalid_argument`).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/policy/expression.h"
#include "eventstore/base/bytes.h"
#include "eventstore/base/result.h"
#include "eventstore/schema/category.h"

namespace taus::policy {

inline constexpr std::size_t category_slots = 16;
inline std::size_t index_of(Category category) noexcept { return static_cast<std::size_t>(category); }

struct Words {
  std::string nb, nn, en;
};

// --- what is collected --------------------------------------------------------------------------------------------------
enum class FieldType : std::uint8_t {
  text,
  name,
  email,
  phone,
  municipality,
  age,
  gender,
  country,
  language,
  code,
  texts,
  codes
};
std::string_view field_type_name(FieldType type) noexcept;

// A field of the booking form, or one that staff may record later. `name` is its identifier in the API ("municipalityCode").
struct Field {
  std::string name;
  FieldType type = FieldType::text;
  Category category = Category::ident;
  bool required = false;
  Words label;
  std::vector<std::string> options;  // of code and codes: the values allowed
};

enum class ConsentAct : std::uint8_t { checkbox, form_submit, oral, paper };
std::string_view consent_act_name(ConsentAct act) noexcept;  // as in the API: checkbox, formSubmit, oral, paper

struct Notice {
  std::string id;    // "VT-2022-09-15"
  std::string date;  // local date; empty: it bears none
  Words text;
  Hash32 hash{};  // BLAKE2b-256 of the text in bokmål, which is the one that binds
};

// --- who may see what ---------------------------------------------------------------------------------------------------
enum class Phase : std::uint8_t { none, p0, p1, p2 };  // none: the profile has no phases
std::string_view phase_name(Phase phase) noexcept;     // "", "P0", "P1", "P2"

enum class Relation : std::uint8_t { assigned_counsellor, other_counsellor, leader, desk, dpo, hr, auditor, op, client };
inline constexpr std::size_t relation_count = 9;
std::string_view relation_name(Relation relation) noexcept;  // assignedCounsellor, otherCounsellor, …, operator, client

// What a cell of the matrix says. access() (access.h) resolves the conditional ones for the circumstances of a call.
enum class Access : std::uint8_t {
  none,
  busy,  // that there is something, nothing of what
  read,
  own_only,             // what this reader wrote, or is about the reader
  counts,               // numbers only
  trace,                // subject number, role, staff reference, time; no client content
  need_only,            // the need itself, and only until the last booked appointment has ended
  through_counsellor,   // the assigned counsellor hands it out, or the package
  package,              // in the access package only
  with_purpose,         // read, where a purpose is stated; journalled with it
  relation_or_purpose,  // read with a relation to the case, else with a purpose
  after_hand_over,      // read once the case was handed over to this reader
};
inline constexpr std::size_t access_count = 12;
std::string_view access_name(Access access) noexcept;  // ownOnly, withPurpose, …

using AccessRow = std::array<Access, relation_count>;
struct AccessMatrix {
  // By phase (Phase::none where there are none) and category.
  std::array<std::array<AccessRow, category_slots>, 4> rows{};
  AccessRow complaint{};  // rights requests that are complaints, every phase
};

// --- how long -----------------------------------------------------------------------------------------------------------
enum class Served : std::uint8_t { either, served, never };

struct RetentionRule {
  std::string id;      // "VT-R3"
  std::string source;  // the item of the notice it follows from
  Served when = Served::either;
  Mask categories = 0;
  Expression due;
};

struct Retention {
  int active_days = 0;           // an appointment without outcome keeps the case active this long after its end
  Expression conclusion_served;  // automatic conclusion
  Expression conclusion_never;
  std::vector<RetentionRule> rules;  // the earliest of a category's rules decides; the first listed where equal
  std::string withdrawal_rule;       // everything at the instant of withdrawal
};

struct Deadlines {
  std::optional<int> rights_days;  // the centre's own promise, where it is shorter than the law's month (art. 12(3))
  int extension_months = 2;        // at most two
};

// Said in every answer to a rights request.
struct RightsDesk {
  Words complaint{.nb = "Du kan klage til Datatilsynet (www.datatilsynet.no).",
                  .nn = "Du kan klage til Datatilsynet (www.datatilsynet.no).",
                  .en = "You may complain to Datatilsynet (www.datatilsynet.no)."};
};

// Questions that come without a booking (MT-07).
struct Inquiries {
  bool accepted = false;         // the notice speaks of them
  bool answer_concludes = true;  // who only asked has a relationship that ends with the answer (MT-R4)
};

struct Survey {
  int days_after_last = 0;
};

// --- counted how (kept for the statistics) ------------------------------------------------------------------------------
enum class CountUnit : std::uint8_t { client_year, case_ };
struct Dimension {
  std::string name;        // of the field counted
  std::vector<int> bands;  // lower bounds, for numbers
};
struct Statistics {
  CountUnit count_unit = CountUnit::client_year;
  int k = 5;                 // cells below it are hidden
  int running_round_to = 1;  // the running year is shown rounded to this
  std::vector<Dimension> dimensions;
};

struct StaffRules {
  bool confidentiality_required = true;  // no role before the declaration is signed
};

struct Profile {
  std::string name;
  std::string version;
  std::string centre;
  std::string controller;
  std::string contact;  // who answers for the processing, and how to reach them; empty: the notice names nobody
  std::string officer;  // data protection officer; the same
  std::vector<std::string> processors;
  std::vector<std::string> languages;  // BCP 47, the first is the default
  Notice notice;
  ConsentAct consent_act = ConsentAct::checkbox;
  bool consent_by_client_alone = false;  // what staff enter waits for the client's own act
  std::vector<std::string> purposes;
  std::vector<Field> form;                     // in the order shown
  std::vector<Field> record;                   // what staff may record later
  Mask collected = 0;                          // client categories this profile collects
  bool log_only_with_further_session = false;  // warn on a log where no further session is agreed
  bool phases = false;
  AccessMatrix access;
  Retention retention;
  Deadlines deadlines;
  RightsDesk rights;
  Inquiries inquiries;
  Survey survey;
  Statistics statistics;
  StaffRules staff;
  Hash32 settings_hash{};  // BLAKE2b-256 of the whole text

  [[nodiscard]] const Field* form_field(std::string_view field) const noexcept;
  [[nodiscard]] const Field* record_field(std::string_view field) const noexcept;
  [[nodiscard]] bool collects(Category category) const noexcept { return has(collected, category); }
};

// What retention is computed for: the collected client categories, consent, rights, audit.
[[nodiscard]] Mask governed_categories(const Profile& profile) noexcept;

// `origin` names the text in messages ("vt.toml").
Result<Profile> load_profile(std::string_view toml_text, std::string name, std::string_view origin = {});
// "vt" or "mt"; any other name is `not_found`.
Result<Profile> built_in_profile(std::string_view name);

}  // namespace taus::policy
