// The daemon and the centre: status, form, replay.
#include "tools/tausctl_print.h"

namespace taus::tools {
namespace {

std::string replicas_of(std::uint32_t counted, capnp::List<api::ReplicaView>::Reader states) {
  std::string out = std::to_string(counted);
  for (auto one : states) out += ", " + safe(one.getName()) + " " + safe(one.getState());
  return out;
}

}  // namespace

std::string people_of(const Times&, api::KeysStatus::Reader keys) {
  Sheet sheet;
  sheet.add("root store", safe(keys.getRootStore()) + ", tier " + safe(keys.getTier()) + ", generation " +
                              std::to_string(keys.getGeneration()));
  sheet.add("key batches", std::to_string(keys.getKseq()));
  sheet.add("subjects", std::to_string(keys.getSubjects()));
  sheet.add("shreds pending", std::to_string(keys.getPending()));
  sheet.add("replicas", replicas_of(keys.getReplicas(), keys.getReplicaStates()));
  if (keys.hasWaitsFor()) sheet.add("shreds wait", safe(keys.getWaitsFor()));
  sheet.add("escrow", keys.hasEscrowUntil() ? "paper of generation " + std::to_string(keys.getEscrowGeneration()) + ", until " +
                                                  safe(keys.getEscrowUntil())
                                            : std::string("none: without the root store everything is lost"));
  return sheet.text();
}

std::string people_of(const Times&, api::RootTurn::Reader turn) {
  if (turn.getPending()) return "Not done: " + safe(turn.getWaitsFor()) + "\n";
  if (turn.hasPaper()) return printable({turn.getPaper().cStr(), turn.getPaper().size()}, true);
  Sheet sheet;
  sheet.add("generation", std::to_string(turn.getGeneration()));
  sheet.add("receipt", number_or_nothing(turn.getReceipt()));
  return sheet.text();
}

std::string people_of(const Times& times, api::Status::Reader status) {
  const auto counts = status.getSubjects();
  Sheet sheet;
  sheet.add("tausd", safe(status.getVersion()));
  sheet.add("profile", safe(status.getProfile()));
  sheet.add("store", safe(status.getStoreId()));
  sheet.add("position", status.getPosition() < 0 ? "none yet" : std::to_string(status.getPosition()));
  sheet.add("root hash", safe(status.getRootHash()));
  sheet.add("not durable yet", std::to_string(status.getLag()));
  sheet.add("root store", safe(status.getRootStore()) + ", tier " + safe(status.getTier()) + ", generation " +
                              std::to_string(status.getGeneration()));
  sheet.add("replicas", replicas_of(status.getReplicas(), status.getReplicaStates()));
  if (status.getPending() > 0) sheet.add("shreds pending", std::to_string(status.getPending()));
  sheet.add("clients", std::to_string(counts.getP0()) + " before their first session, " + std::to_string(counts.getP1()) +
                           " in guidance, " + std::to_string(counts.getP2()) + " concluded, " +
                           std::to_string(counts.getShredded()) + " gone");
  sheet.add("staff", std::to_string(counts.getStaff()));
  sheet.add("clock", times.time(status.getNow()));
  for (auto warning : status.getWarnings()) sheet.add("warning", safe(warning));
  return sheet.text();
}

std::string people_of(const Times&, api::Form::Reader form) {
  Sheet sheet;
  sheet.add("profile", safe(form.getProfile()));
  sheet.add("notice", safe(form.getNotice()));
  sheet.add("notice hash", safe(form.getNoticeHash()));
  sheet.add("consent act", word(form.getAct()));
  sheet.add("languages", joined(form.getLanguages()));
  Table table({"FIELD", "REQUIRED", "TYPE", "DATA", "LABEL"});
  for (auto field : form.getFields())
    table.add({safe(field.getName()), field.getRequired() ? "yes" : "no", safe(field.getType()), word(field.getCategory()),
               safe(field.getNb())});
  std::string out = sheet.text() + "\n" + table.text();
  if (form.hasNoticeText()) out += "\n" + printable({form.getNoticeText().cStr(), form.getNoticeText().size()}, true) + "\n";
  return out;
}

std::string people_of(const Times&, api::Replay::Reader replay) {
  Table table({"POSITION", "STREAM", "VERSION", "PARTS", "LEAF HASH"});
  for (auto entry : replay.getEntries()) {
    std::string parts;
    for (auto part : entry.getParts()) {
      const std::string slot =
          part.getSlot() == 255 ? "public" : std::to_string(part.getSlot()) + "." + std::to_string(part.getEpoch());
      parts += (parts.empty() ? "" : ", ") + slot + " " + word(part.getState());
    }
    table.add({number_or_nothing(entry.getPosition()), safe(entry.getStream()), number_or_nothing(entry.getVersion()), parts,
               safe(entry.getLeafHash())});
  }
  if (table.empty()) return "No entries there.\n";
  return table.text() + "of " + std::to_string(replay.getSize()) + " entries\n";
}

}  // namespace taus::tools
