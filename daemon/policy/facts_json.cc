#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "daemon/policy/explain.h"
#include "eventstore/base/limits.h"

namespace taus::policy {
namespace {

using Json = nlohmann::json;

constexpr std::size_t key_bytes_shown = 64;

Error wrong(const std::string& pointer, std::string_view what) {
  return Error(ErrorCode::invalid_argument, (pointer.empty() ? std::string("the facts") : pointer) + ": " + std::string(what),
               pointer);
}

// The library keeps the last of two equal keys and says nothing: watch for them, and for depth, while it reads.
class StrictKeys {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& value) {
    if (depth > limits::json_depth_max) too_deep_ = true;
    if (event == Json::parse_event_t::object_start) open_.emplace_back();
    if (event == Json::parse_event_t::object_end && !open_.empty()) open_.pop_back();
    if (event == Json::parse_event_t::key && !open_.empty() && !open_.back().insert(value.get<std::string>()).second)
      twice_ = true;
    return true;
  }
  bool too_deep_ = false;
  bool twice_ = false;

 private:
  std::vector<std::set<std::string>> open_;
};

Result<Json> parse_json(std::string_view text) {
  if (text.size() > limits::json_bytes_max) return Error(ErrorCode::too_large, "the facts are longer than 1 MiB");
  StrictKeys keys;
  try {
    Json json = Json::parse(text, [&](int depth, Json::parse_event_t event, Json& value) { return keys(depth, event, value); });
    if (keys.twice_) return Error(ErrorCode::malformed, "a key is there twice in one object");
    if (keys.too_deep_) return Error(ErrorCode::malformed, "nested too deeply");
    return json;
  } catch (const Json::exception&) {
    return Error(ErrorCode::malformed, "this is not JSON");
  }
}

// One object of the facts: every key must be asked for, then finish().
class Object {
 public:
  Object(const Json& json, std::string pointer) : json_(json), pointer_(std::move(pointer)) {}

  // Null and missing are the same.
  const Json* get(const char* key) {
    asked_.insert(key);
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }
  [[nodiscard]] std::string at(std::string_view key) const { return pointer_ + "/" + std::string(key); }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }

  Result<std::optional<Instant>> time(const Zone& zone, const char* key) {
    const Json* const value = get(key);
    if (value == nullptr) return std::optional<Instant>();
    if (!value->is_string()) return wrong(at(key), "a time as text was expected");
    const auto parsed = zone.parse_time(value->get_ref<const std::string&>());
    if (!parsed) return wrong(at(key), parsed.error().message);
    return std::optional<Instant>(*parsed);
  }
  Result<Instant> needed_time(const Zone& zone, const char* key) {
    TAUS_TRY_ASSIGN(const std::optional<Instant> t, time(zone, key));
    if (!t) return wrong(at(key), "a time is needed here");
    return *t;
  }
  Result<void> finish() {
    for (const auto& [key, value] : json_.items())
      if (!asked_.contains(key)) return wrong(at(escaped(shown(key))), "there is no such key");
    return {};
  }

 private:
  // Keys are the caller's text: at most 64 bytes, whole letters, nothing that a terminal would act on.
  static std::string shown(std::string_view key) {
    std::size_t end = std::min(key.size(), key_bytes_shown);
    while (end > 0 && end < key.size() && (static_cast<unsigned char>(key[end]) & 0xC0U) == 0x80U) --end;
    std::string out(key.substr(0, end));
    const auto obeyed = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    std::replace_if(out.begin(), out.end(), obeyed, '?');
    for (std::size_t i = 0; i + 1 < out.size(); ++i)  // U+0080 to U+009F
      if (out[i] == '\xC2' && static_cast<unsigned char>(out[i + 1]) < 0xA0) out[i] = out[i + 1] = '?';
    return out;
  }
  // As RFC 6901 writes a name in a pointer.
  static std::string escaped(std::string_view name) {
    std::string out;
    for (const char c : name) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
  }
  const Json& json_;
  std::string pointer_;
  std::set<std::string, std::less<>> asked_;
};

class FactsReader {
 public:
  explicit FactsReader(const Zone& zone) : zone_(zone) {}

  Result<Facts> read(const Json& json) {
    if (!json.is_object()) return wrong("", "an object was expected");
    Object facts(json, "");
    TAUS_TRY_ASSIGN(out_.now, facts.needed_time(zone_, "now"));
    TAUS_TRY(each(facts, "held", [&](Object& o) { return held(o); }));
    TAUS_TRY(each(facts, "scheduled", [&](Object& o) { return scheduled(o); }));
    TAUS_TRY_ASSIGN(out_.concluded_at, facts.time(zone_, "concludedAt"));
    TAUS_TRY_ASSIGN(out_.last_message_at, facts.time(zone_, "lastMessageAt"));
    TAUS_TRY_ASSIGN(out_.first_collected_at, facts.time(zone_, "firstCollectedAt"));
    TAUS_TRY_ASSIGN(out_.withdrawn_at, facts.time(zone_, "withdrawnAt"));
    TAUS_TRY_ASSIGN(out_.rights_decided_at, facts.time(zone_, "rightsDecidedAt"));
    TAUS_TRY(each(facts, "holds", [&](Object& o) { return cover(o, out_.holds); }));
    TAUS_TRY(each(facts, "restrictions", [&](Object& o) { return cover(o, out_.restrictions); }));
    TAUS_TRY(facts.finish());
    TAUS_TRY(twins());
    TAUS_TRY(beginning());
    return std::move(out_);
  }

 private:
  template <class Item>
  Result<void> each(Object& facts, const char* key, Item item) {
    const Json* const list = facts.get(key);
    if (list == nullptr) return {};
    if (!list->is_array()) return wrong(facts.at(key), "a list was expected");
    for (std::size_t i = 0; i < list->size(); ++i) {
      const std::string pointer = facts.at(key) + "/" + std::to_string(i);
      if (!(*list)[i].is_object()) return wrong(pointer, "an object was expected");
      Object object((*list)[i], pointer);
      TAUS_TRY(item(object));
      TAUS_TRY(object.finish());
    }
    return {};
  }

  Result<Session> interval(Object& o) {
    TAUS_TRY_ASSIGN(const Instant start, o.needed_time(zone_, "start"));
    TAUS_TRY_ASSIGN(const Instant end, o.needed_time(zone_, "end"));
    if (end <= start) return wrong(o.at("end"), "the end must come after the start");
    return Session{start, end};
  }

  Result<void> held(Object& o) {
    TAUS_TRY_ASSIGN(const Session session, interval(o));
    out_.held.push_back(session);
    return {};
  }

  Result<void> scheduled(Object& o) {
    TAUS_TRY_ASSIGN(const Session when, interval(o));
    Appointment a{when.start, when.end, Outcome::open, std::nullopt};
    if (const Json* const outcome = o.get("outcome")) {
      const std::string text = outcome->is_string() ? outcome->get<std::string>() : std::string();
      if (text == "held")
        a.outcome = Outcome::held;
      else if (text == "noShow")
        a.outcome = Outcome::no_show;
      else if (text == "cancelled")
        a.outcome = Outcome::cancelled;
      else
        return wrong(o.at("outcome"), "an outcome is null, held, noShow or cancelled");
    }
    TAUS_TRY_ASSIGN(a.cancelled_at, o.time(zone_, "cancelledAt"));
    if (a.outcome == Outcome::cancelled && !a.cancelled_at)
      return wrong(o.at("cancelledAt"), "a cancelled appointment needs the time of it");
    if (a.outcome != Outcome::cancelled && a.cancelled_at) return wrong(o.at("cancelledAt"), "the outcome is not cancelled");
    out_.scheduled.push_back(a);
    return {};
  }

  Result<void> cover(Object& o, std::vector<Cover>& covers) {
    Cover cover;
    const Json* const categories = o.get("categories");
    if (categories == nullptr || !categories->is_array()) return wrong(o.at("categories"), "a list of categories was expected");
    for (std::size_t i = 0; i < categories->size(); ++i) {
      const Json& item = (*categories)[i];
      const auto category = item.is_string() ? category_named(item.get_ref<const std::string&>()) : std::nullopt;
      if (!category) return wrong(o.at("categories") + "/" + std::to_string(i), "there is no such category");
      cover.categories = static_cast<Mask>(cover.categories | bit(*category));
    }
    TAUS_TRY_ASSIGN(cover.from, o.needed_time(zone_, "from"));
    TAUS_TRY_ASSIGN(cover.until, o.time(zone_, "until"));
    if (cover.until && *cover.until < cover.from) return wrong(o.at("until"), "it ends before it begins");
    covers.push_back(cover);
    return {};
  }

  [[nodiscard]] Result<void> twins() const {
    for (std::size_t i = 0; i < out_.scheduled.size(); ++i) {
      const Appointment& a = out_.scheduled[i];
      if (a.outcome != Outcome::held) continue;
      const bool twin =
          std::any_of(out_.held.begin(), out_.held.end(), [&](const Session& s) { return s.start == a.start && s.end == a.end; });
      if (!twin)
        return wrong("/scheduled/" + std::to_string(i) + "/outcome",
                     "it says held, but `held` has no session of that start and end");
    }
    return {};
  }

  // Something is known of the client, so something was collected; where it is not said when, the earliest trace tells.
  Result<void> beginning() {
    if (out_.first_collected_at) return {};
    std::vector<Instant> traces;
    for (const Session& s : out_.held) traces.push_back(s.start);
    for (const Appointment& a : out_.scheduled) traces.push_back(std::min(a.start, a.cancelled_at.value_or(a.start)));
    if (out_.last_message_at) traces.push_back(*out_.last_message_at);
    if (traces.empty())
      return wrong("/firstCollectedAt", "a time is needed here, for nothing else tells when the client was first known");
    out_.first_collected_at = std::min(*std::min_element(traces.begin(), traces.end()), out_.now);
    return {};
  }

  const Zone& zone_;
  Facts out_;
};

}  // namespace

Result<Facts> parse_facts(const Zone& zone, std::string_view facts_json) {
  TAUS_TRY_ASSIGN(const Json json, parse_json(facts_json));
  return FactsReader(zone).read(json);
}

}  // namespace taus::policy
