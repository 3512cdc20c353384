// The parts of the access package in other people's forms: appointments as iCalendar, consent and processing as JSON-LD.
#include <map>

#include "tools/ical_writer.h"
#include "tools/package_files.h"

namespace taus::tools {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* dpv = "https://w3id.org/dpv#";
constexpr const char* gdpr = "https://w3id.org/dpv/legal/eu/gdpr#";
constexpr const char* summary = "Karriereveiledning";

// What one event did to the appointments: the last word on each counts.
void fold(const Json& part, const Zone& zone, std::map<std::int64_t, OwnAppointment>& into) {
  const std::string event = text_at(part, "type");
  const Json& content = part.at("content");
  if (!content.is_object() || !content.contains("number")) return;
  const auto number = content.at("number").get<std::int64_t>();
  if (event == "appointmentCancelled") {
    into[number].cancelled = true;
    return;
  }
  if (event == "sessionOutcomeCorrected") {
    into[number].cancelled = text_at(content, "outcome") == "cancelled";
    return;
  }
  const Result<Instant> start = zone.parse_time(text_at(content, "start"));
  const Result<Instant> end = zone.parse_time(text_at(content, "end"));
  if (!start || !end) return;
  OwnAppointment& one = into[number];
  one.start = ms_of(*start);
  one.end = ms_of(*end);
  if (const std::string place = text_at(content, "place"); !place.empty()) one.place = place;
}

// The record of one consent, in the terms of the Data Privacy Vocabulary.
Json consent_of(const Json& package, const Json& part) {
  const Json& content = part.at("content");
  const bool given = text_at(part, "type") == "consentGiven";
  Json record{{"@type", "dpv:ConsentRecord"},
              {"dpv:hasConsentStatus", {{"@id", given ? "dpv:ConsentGiven" : "dpv:ConsentWithdrawn"}}},
              {"dpv:isIndicatedAtTime", text_at(content, "indicatedAt")},
              {"dpv:hasIndicationMethod", text_at(content, given ? "act" : "method")},
              {"dpv:hasDataSubject", text_at(package, "subject")},
              {"dpv:hasDataController", text_at(package, "controller")}};
  if (!given) return record;
  record["dpv:hasLegalBasis"] = {{"@id", "eu-gdpr:A6-1-a"}};
  record["dpv:hasNotice"] = text_at(content, "notice");
  record["dpv:hasPurpose"] = content.value("purposes", Json::array());
  record["language"] = text_at(content, "language");
  return record;
}

}  // namespace

Result<std::string> package_calendar(const Json& package, const Zone& zone) {
  std::map<std::int64_t, OwnAppointment> folded;
  for (const Json& part : package.at("parts"))
    if (text_at(part, "category") == "appt") fold(part, zone, folded);
  std::vector<OwnAppointment> list;
  for (auto& [number, one] : folded) {
    if (one.end <= one.start) continue;  // its booking is not among what is given
    one.uid = text_at(package, "subject") + "-" + std::to_string(number);
    one.summary = summary;
    list.push_back(std::move(one));
  }
  if (list.empty()) return std::string();
  TAUS_TRY_ASSIGN(const Instant made, zone.parse_time(text_at(package, "madeAt")));
  return ical_own(zone, list, ms_of(made));
}

std::string package_consent(const Json& package) {
  Json records = Json::array();
  for (const Json& part : package.at("parts")) {
    const std::string event = text_at(part, "type");
    if ((event == "consentGiven" || event == "consentWithdrawn") && part.at("content").is_object())
      records.push_back(consent_of(package, part));
  }
  if (records.empty()) return {};
  return Json{{"@context", {{"dpv", dpv}, {"eu-gdpr", gdpr}}}, {"@graph", records}}.dump(1) + "\n";
}

// The record of processing, unversioned.
std::string package_processing(const Json& package) {
  Json processes = Json::array();
  for (const Json& one : package.at("categories")) {
    if (text_at(one, "state") != "present") continue;
    Json process{{"@type", "dpv:Process"},
                 {"dpv:hasPersonalData", text_at(one, "en")},
                 {"dpv:hasDataSource", {{"@id", "dpv:DataSubject"}}},
                 {"dpv:hasProcessing", {{"@id", "dpv:Store"}}}};
    if (const std::string due = text_at(one, "due"); !due.empty())
      process["dpv:hasStorageCondition"] = {{"@type", "dpv:StorageDeletion"}, {"dpv:hasDuration", due}};
    processes.push_back(process);
  }
  return Json{{"@context", {{"dpv", dpv}, {"eu-gdpr", gdpr}}},
              {"@type", "dpv:RightExerciseRecord"},
              {"dpv:hasRight", {{"@id", text_at(package, "kind") == "portability" ? "eu-gdpr:A20" : "eu-gdpr:A15"}}},
              {"dpv:hasDataController", text_at(package, "controller")},
              {"dpv:hasDataProcessor", package.at("processors")},
              {"dpv:hasProcess", processes}}
             .dump(1) +
         "\n";
}

}  // namespace taus::tools
