#include <algorithm>

#include "daemon/policy/profile_load.h"

namespace taus::policy::detail {
namespace {

// Categories that every profile has besides the client's own.
constexpr Mask always = static_cast<Mask>(bit(Category::consent) | bit(Category::rights) | bit(Category::copy) |
                                          bit(Category::audit) | bit(Category::job) | bit(Category::staff));

std::optional<Relation> relation_named(std::string_view text) {
  for (std::size_t i = 0; i < relation_count; ++i)
    if (relation_name(static_cast<Relation>(i)) == text) return static_cast<Relation>(i);
  return std::nullopt;
}

class AccessLoader {
 public:
  AccessLoader(Section& root, Profile& profile)
      : root_(root), profile_(profile), allowed_(static_cast<Mask>(profile.collected | always)) {}

  void run() {
    for (const TomlNode* const node : root_.tables("access")) load(*node);
    for (int c = 0; c < category_count; ++c)
      for (const Phase phase : phases())
        if (has(allowed_, static_cast<Category>(c)) && !seen_[static_cast<std::size_t>(phase)][static_cast<std::size_t>(c)])
          root_.mistake_at("access", "nobody says who may see \"" + std::string(name(static_cast<Category>(c))) + "\"" +
                                         (profile_.phases ? " in phase " + std::string(phase_name(phase)) : std::string()));
    if (!complaint_seen_)
      root_.mistake_at("access", "nobody says who may see a complaint: a row with `complaint = true` is missing");
  }

 private:
  [[nodiscard]] std::vector<Phase> phases() const {
    if (!profile_.phases) return {Phase::none};
    return {Phase::p0, Phase::p1, Phase::p2};
  }

  std::vector<Phase> load_phases(Section& section) {
    const std::vector<std::string> given = section.texts("phases", Section::Need::optional);
    if (given.empty()) return phases();
    std::vector<Phase> out;
    if (!profile_.phases) {
      section.mistake_at("phases", "this profile has no phases");
      return out;
    }
    for (const std::string& text : given) {
      const auto all = phases();
      const auto found = std::find_if(all.begin(), all.end(), [&](Phase p) { return phase_name(p) == text; });
      if (found == all.end()) {
        section.mistake_at("phases", "there is no phase \"" + text + "\"; they are P0, P1 and P2");
      } else {
        out.push_back(*found);
      }
    }
    return out;
  }

  // One key per kind of access, each with the relations that have it.
  static AccessRow load_row(Section& section) {
    AccessRow row{};
    std::array<bool, relation_count> given{};
    for (std::size_t kind = 1; kind < access_count; ++kind) {
      const std::string_view key = access_name(static_cast<Access>(kind));
      for (const std::string& text : section.texts(key, Section::Need::optional)) {
        const auto relation = relation_named(text);
        if (!relation) {
          section.mistake_at(key, "there is no relation \"" + text + "\"");
          continue;
        }
        const auto i = static_cast<std::size_t>(*relation);
        if (given[i]) section.mistake_at(key, "\"" + text + "\" has two kinds of access in one row");
        given[i] = true;
        row[i] = static_cast<Access>(kind);
      }
    }
    return row;
  }

  void load(const TomlNode& node) {
    Section section(node, root_.mistakes());
    const Mask categories = load_categories(section, "categories", allowed_, "this profile does not collect it");
    const bool complaint = section.flag("complaint", false);
    const std::vector<Phase> in = load_phases(section);
    const AccessRow row = load_row(section);
    section.finish();
    if (complaint) {
      if (categories != bit(Category::rights)) section.mistake_at("complaint", "only rights requests can be complaints");
      if (complaint_seen_) section.mistake("who may see a complaint is said twice");
      complaint_seen_ = true;
      profile_.access.complaint = row;
      return;
    }
    for (int c = 0; c < category_count; ++c)
      if (has(categories, static_cast<Category>(c)))
        for (const Phase phase : in) set(section, static_cast<std::size_t>(phase), static_cast<std::size_t>(c), row);
  }

  void set(Section& section, std::size_t phase, std::size_t category, const AccessRow& row) {
    if (seen_[phase][category])
      section.mistake("who may see \"" + std::string(name(static_cast<Category>(category))) + "\"" +
                      (profile_.phases ? " in phase " + std::string(phase_name(static_cast<Phase>(phase))) : std::string()) +
                      " is said twice");
    seen_[phase][category] = true;
    profile_.access.rows[phase][category] = row;
  }

  Section& root_;
  Profile& profile_;
  Mask allowed_;
  std::array<std::array<bool, category_slots>, 4> seen_{};
  bool complaint_seen_ = false;
};

}  // namespace

void load_access(Section& root, Profile& profile) { AccessLoader(root, profile).run(); }

}  // namespace taus::policy::detail
