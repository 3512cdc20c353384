#include "tools/receipt_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "eventstore/base/bytes.h"
#include "eventstore/base/ids.h"
#include "eventstore/base/zone.h"

namespace taus::tools {
namespace {

using Json = nlohmann::json;

constexpr std::string_view first_line = "taus-receipt/1";
constexpr std::size_t slots = 16;
constexpr std::size_t key_id_bytes = 32;
constexpr std::size_t version_bytes = 8;
constexpr std::size_t store_id_digits = 32;
constexpr std::size_t incarnation_digits = 8;

Error no_receipt(const std::string& why) { return {ErrorCode::malformed, "This is no receipt of a shred: " + why + "."}; }

Error contradicts(const std::string& what) {
  return {ErrorCode::corrupt, "The receipt is signed but contradicts itself: " + what +
                                  ". Keep it, and ask whoever signed it: a daemon in order writes no such receipt."};
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Decimal, without a leading zero.
std::optional<std::uint64_t> number_of(std::string_view text) {
  if (text.empty() || text.size() > 18 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

Result<std::uint64_t> number(const Json& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end() || !found->is_number_unsigned())
    return Error(no_receipt(std::string("\"") + name + "\" is not a number"));
  return found->get<std::uint64_t>();
}

// Empty where it is absent or null.
Result<std::string> word(const Json& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end() || found->is_null()) return std::string();
  if (!found->is_string()) return Error(no_receipt(std::string("\"") + name + "\" is no text"));
  return found->get<std::string>();
}

Result<std::vector<std::string>> words(const Json& from, const char* name) {
  const auto found = from.find(name);
  std::vector<std::string> out;
  if (found == from.end() || found->is_null()) return out;
  if (!found->is_array()) return Error(no_receipt(std::string("\"") + name + "\" is no list"));
  for (const Json& one : *found) {
    if (!one.is_string() || one.get_ref<const std::string&>().empty())
      return Error(no_receipt(std::string("\"") + name + "\" has something that is no name"));
    out.push_back(one.get<std::string>());
  }
  if (std::set<std::string>(out.begin(), out.end()).size() != out.size())
    return Error(contradicts(std::string("\"") + name + "\" names one twice"));
  return out;
}

Result<void> check_keys(const Json& receipt, ReceiptFacts& facts) {
  const auto keys = receipt.find("keys");
  if (keys == receipt.end() || !keys->is_array()) return Error(no_receipt("it has no list of keys"));
  std::set<std::array<std::uint64_t, 3>> places;
  std::set<std::string> ids;
  for (const Json& key : *keys) {
    if (!key.is_object()) return Error(no_receipt("a key in it is no object"));
    TAUS_TRY_ASSIGN(const auto stream, number(key, "stream"));
    TAUS_TRY_ASSIGN(const auto slot, number(key, "slot"));
    TAUS_TRY_ASSIGN(const auto epoch, number(key, "epoch"));
    TAUS_TRY_ASSIGN(const auto id, word(key, "keyId"));
    if (slot >= slots) return Error(contradicts("a key lies in slot " + std::to_string(slot) + ", and there are 16 from 0"));
    if (epoch == 0) return Error(contradicts("a key has the epoch 0, and the first is 1"));
    if (stream == 0 || (stream > subject_ordinal_max && stream != centre_ordinal))
      return Error(contradicts("a key belongs to a subject number that is never given out"));
    if (!is_hex(id, 2 * key_id_bytes)) return Error(contradicts("a key id is not 32 bytes in hexadecimal"));
    if (!places.insert({stream, slot, epoch}).second) return Error(contradicts("the same slot and epoch was destroyed twice"));
    if (!ids.insert(id).second) return Error(contradicts("two slots had the same key"));
  }
  facts.keys = keys->size();
  return {};
}

Result<void> check_step(const Json& receipt, ReceiptFacts& facts) {
  TAUS_TRY_ASSIGN(facts.generation, number(receipt, "generation"));
  TAUS_TRY_ASSIGN(const auto previous, number(receipt, "previousGeneration"));
  TAUS_TRY_ASSIGN(const auto chunk, number(receipt, "chunk"));
  TAUS_TRY_ASSIGN(const auto chunks, number(receipt, "chunks"));
  TAUS_TRY_ASSIGN(const auto top, word(receipt, "topVersion"));
  if (facts.generation < 2) return Error(contradicts("no shred makes generation " + std::to_string(facts.generation)));
  if (previous + 1 != facts.generation)
    return Error(contradicts("the root of generation " + std::to_string(facts.generation) + " replaced that of " +
                             std::to_string(previous) + ", and each shred makes one step"));
  if (chunks == 0 || chunk >= chunks || chunks > UINT32_MAX)
    return Error(contradicts("it is part " + std::to_string(chunk + 1) + " of " + std::to_string(chunks)));
  if (!is_hex(top, 2 * version_bytes)) return Error(contradicts("the version of the new tree is not 8 bytes in hexadecimal"));
  facts.chunk = static_cast<std::uint32_t>(chunk);
  facts.chunks = static_cast<std::uint32_t>(chunks);
  return {};
}

Result<void> check_claim(const Json& receipt, ReceiptFacts& facts) {
  TAUS_TRY_ASSIGN(facts.tier, word(receipt, "tier"));
  TAUS_TRY_ASSIGN(facts.keepers, words(receipt, "keepers"));
  TAUS_TRY_ASSIGN(facts.replicas, words(receipt, "replicas"));
  TAUS_TRY_ASSIGN(facts.erased_on, word(receipt, "localDate"));
  TAUS_TRY_ASSIGN(facts.fully_erased_by, word(receipt, "fullyErasedBy"));
  TAUS_TRY_ASSIGN(const auto software, word(receipt, "software"));
  if (facts.tier != "none" && facts.tier != "L" && facts.tier != "P")
    return Error(contradicts("there is no tier \"" + facts.tier.substr(0, 16) + "\""));
  if (facts.keepers.empty()) return Error(contradicts("no root keeper erased anything"));
  const auto lies_on_a_disk = [](const std::string& keeper) { return keeper != "tpm2-nv"; };
  if (facts.tier == "P" && std::ranges::any_of(facts.keepers, lies_on_a_disk))
    return Error(contradicts("tier P is claimed, and a root lay on a disk"));
  if (!Zone::parse_date(facts.erased_on)) return Error(contradicts("the day of the erasure is no date"));
  if (!facts.fully_erased_by.empty() && !Zone::parse_date(facts.fully_erased_by))
    return Error(contradicts("the day by which all is erased is no date"));
  if (!facts.fully_erased_by.empty() && facts.fully_erased_by < facts.erased_on)
    return Error(contradicts("all is erased everywhere on " + facts.fully_erased_by + ", before it was erased here on " +
                             facts.erased_on));
  if (software.empty()) return Error(contradicts("it does not say which software erased"));
  return {};
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& one : names) out += (out.empty() ? "" : ", ") + one;
  return out;
}

}  // namespace

Result<ReceiptFacts> check_receipt(std::string_view text, std::string_view signer) {
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return Error(no_receipt("its last line has no end"));
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (lines.empty() || lines[0] != first_line) return Error(no_receipt("it does not begin with taus-receipt/1"));
  if (lines.size() != 4) return Error(no_receipt("it has not four lines"));
  ReceiptFacts facts;
  facts.store = lines[1];
  const std::size_t slash = facts.store.rfind('/');
  if (!facts.store.starts_with("taus/") || slash == 4 ||
      !is_hex(std::string_view(facts.store).substr(5, slash - 5), store_id_digits) ||
      !is_hex(std::string_view(facts.store).substr(slash + 1), incarnation_digits))
    return Error(no_receipt("its second line names no store"));
  if (facts.store != signer) return Error(contradicts("it is of another store than the one that signed it"));
  const auto position = number_of(lines[2]);
  if (!position) return Error(no_receipt("its third line is no position"));
  facts.position = *position;
  const Json receipt = Json::parse(lines[3], nullptr, false);
  if (!receipt.is_object()) return Error(no_receipt("its fourth line is no JSON object"));
  TAUS_TRY(check_step(receipt, facts));
  TAUS_TRY(check_claim(receipt, facts));
  TAUS_TRY(check_keys(receipt, facts));
  return facts;
}

std::vector<std::string> claims_of(const ReceiptFacts& facts) {
  std::vector<std::string> out;
  std::string what = std::to_string(facts.keys) + (facts.keys == 1 ? " key was" : " keys were") + " destroyed on " +
                     facts.erased_on + " by the step from generation " + std::to_string(facts.generation - 1) + " to " +
                     std::to_string(facts.generation) + " of the root key, which " + list_of(facts.keepers) + " erased.";
  if (facts.chunks > 1)
    what += " This is part " + std::to_string(facts.chunk + 1) + " of " + std::to_string(facts.chunks) + " of that step.";
  out.push_back(std::move(what));
  if (facts.tier == "none")
    out.emplace_back(
        "Tier none: nothing is claimed against whoever holds the disk; the root lay where a disk may keep what is overwritten.");
  else if (facts.tier == "L")
    out.emplace_back("Tier L: gone from every file and every free block of the file system, and from every backup.");
  else
    out.emplace_back("Tier P: as tier L, and never on a disk, so also gone from what a disk keeps aside.");
  if (facts.fully_erased_by.empty())
    out.emplace_back("No day is promised by which it is gone everywhere: a paper with the escrow key was past its day.");
  else if (facts.fully_erased_by == facts.erased_on)
    out.push_back("Gone everywhere on the same day: no paper could bring the keys back.");
  else
    out.push_back("Gone everywhere by " + facts.fully_erased_by + ", when the paper with the escrow key is destroyed.");
  if (!facts.replicas.empty()) out.push_back("Copies of the keys that took part: " + list_of(facts.replicas) + ".");
  return out;
}

std::vector<std::string> not_proved_by(const ReceiptFacts& facts) {
  std::vector<std::string> out = {
      "What a receipt cannot prove: that nobody kept a copy of the keys, of the root or of what they opened somewhere else. It "
      "names the "
      "keys that were destroyed, so that any such copy, should it ever appear, proves the signer wrong.",
      "It names slots, not people: whose they were, and that these were all of a person's, follows from the journal alone.",
      "That it stands in the journal at position " + std::to_string(facts.position) +
          ", and was not taken out again, is shown by an inclusion proof for a checkpoint, not by the receipt."};
  if (!facts.fully_erased_by.empty() && facts.fully_erased_by != facts.erased_on)
    out.push_back("That the paper of the escrow is destroyed by " + facts.fully_erased_by + " is a promise of people.");
  return out;
}

}  // namespace taus::tools
