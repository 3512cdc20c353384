#include "daemon/config.h"

#include <algorithm>
#include <filesystem>
#include <initializer_list>

#include <grp.h>
#include <pwd.h>
#include <sys/types.h>
#include <toml++/toml.h>

#include "daemon/files.h"
#include "eventstore/base/limits.h"

namespace taus {
namespace {

constexpr std::size_t socket_directory_max = 107 - std::string_view("/frontend.sock").size();  // unix(7): 108 bytes with the end

using service::SocketRole;

constexpr std::array<std::string_view, 3> socket_names{"frontend", "auditor", "operator"};
constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> root_stores{"rawslot", "tpm2-nv"};
constexpr std::int64_t tpm_index_min = 0x01800000;  // the owner's range of NV indices
constexpr std::int64_t tpm_index_max = 0x01bffffe;
constexpr std::int64_t uid_max = 0xfffffffe;
constexpr std::int64_t overflow_uid = 65534;

template <class Names>
std::string listed(const Names& names) {
  std::string all;
  for (const auto& n : names) all += (all.empty() ? "" : ", ") + std::string(n);
  return all;
}

// Place of a name in a list of allowed ones.
template <class Names>
std::optional<std::size_t> index_in(const Names& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

bool good_replica_name(const std::string& name) {
  constexpr std::size_t letters_max = 32;
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return name.size() <= letters_max && std::all_of(name.begin(), name.end(), good);
}

// One file after the other into one Config.
class ConfigReader {
 public:
  void file(const std::string& path);
  void drop_ins(const std::string& directory);
  void finish(const std::string& path);
  ReadConfig take() { return std::move(read_); }

 private:
  using Keys = std::initializer_list<std::string_view>;
  void mistake(const toml::node& where, const std::string& what) {
    read_.mistakes.push_back(file_ + ":" + std::to_string(where.source().begin.line) + ": " + what);
  }
  void known_keys(const toml::table& table, Keys keys, const std::string& of);
  std::optional<std::string> text(const toml::table& table, std::string_view key);
  std::optional<bool> truth(const toml::table& table, std::string_view key);
  template <class Names>
  std::optional<std::size_t> choice(const toml::table& table, std::string_view key, const Names& names);
  void path_setting(const toml::table& table, std::string_view key, std::string& into);
  void settings(const toml::table& root);
  void tpm(const toml::table& root);
  void groups(const toml::table& root);
  void replicas(const toml::table& root);
  void principals(const toml::table& root);
  void principal(const toml::table& table, std::vector<std::string>& seen);
  std::optional<unsigned> account(const toml::table& table, const std::string& name);
  void add(net::ConfiguredPrincipal wanted, const toml::table& where);

  std::string file_;
  ReadConfig read_;
  std::vector<std::string> without_account_;
};

void ConfigReader::known_keys(const toml::table& table, Keys keys, const std::string& of) {
  for (const auto& [key, node] : table) {
    if (std::find(keys.begin(), keys.end(), key.str()) == keys.end()) {
      mistake(node, "unknown key \"" + std::string(key.str()) + "\"" + of + "; known are " + listed(keys));
    }
  }
}

std::optional<std::string> ConfigReader::text(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return std::nullopt;
  auto value = node->value_exact<std::string>();
  if (!value || value->empty()) {
    mistake(*node, std::string(key) + " must be a text that is not empty");
    return std::nullopt;
  }
  return value;
}

std::optional<bool> ConfigReader::truth(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<bool>();
  if (!value) mistake(*node, std::string(key) + " must be true or false");
  return value;
}

template <class Names>
std::optional<std::size_t> ConfigReader::choice(const toml::table& table, std::string_view key, const Names& names) {
  const auto value = text(table, key);
  if (!value) return std::nullopt;
  const auto index = index_in(names, *value);
  if (!index) mistake(*table.get(key), std::string(key) + " must be one of " + listed(names));
  return index;
}

void ConfigReader::path_setting(const toml::table& table, std::string_view key, std::string& into) {
  const auto value = text(table, key);
  if (!value) return;
  if (value->front() != '/') return mistake(*table.get(key), std::string(key) + " must be an absolute path");
  into = *value;
}

void ConfigReader::tpm(const toml::table& root) {
  const toml::node* node = root.get("tpm");
  if (node == nullptr) return;
  const toml::table* table = node->as_table();
  if (table == nullptr) return mistake(*node, "tpm must be a table: [tpm]");
  known_keys(*table, {"tcti", "index", "password"}, " in [tpm]");
  if (const auto tcti = text(*table, "tcti")) read_.config.tpm_tcti = *tcti;
  path_setting(*table, "password", read_.config.tpm_password);
  const toml::node* index = table->get("index");
  if (index == nullptr) return;
  const auto number = index->value_exact<std::int64_t>();
  if (!number || *number < tpm_index_min || *number > tpm_index_max)
    return mistake(*index, "index must be from 0x01800000 to 0x01bffffe");
  read_.config.tpm_index = static_cast<std::uint32_t>(*number);
}

void ConfigReader::groups(const toml::table& root) {
  const toml::node* node = root.get("groups");
  if (node == nullptr) return;
  const toml::table* table = node->as_table();
  if (table == nullptr) return mistake(*node, "groups must be a table: [groups]");
  known_keys(*table, {"frontend", "auditor", "operator"}, " in [groups]");
  for (std::size_t i = 0; i < socket_names.size(); ++i) {
    const auto group = text(*table, socket_names[i]);
    if (!group) continue;
    if (getgrnam(group->c_str()) == nullptr) mistake(*table->get(socket_names[i]), "no group \"" + *group + "\" on this machine");
    read_.config.groups[i] = *group;
  }
}

std::optional<unsigned> ConfigReader::account(const toml::table& table, const std::string& name) {
  const toml::node* uid = table.get("uid");
  const auto user = text(table, "user");
  if ((uid != nullptr) == (table.get("user") != nullptr)) {
    mistake(table, "principal \"" + name + "\" needs either user or uid");
    return std::nullopt;
  }
  if (uid != nullptr) {
    const auto number = uid->value_exact<std::int64_t>();
    if (number && *number >= 0 && *number <= uid_max && *number != overflow_uid) return static_cast<unsigned>(*number);
    mistake(*uid, "uid must be a user's number, and not 65534, which stands for everybody unknown");
    return std::nullopt;
  }
  if (!user) return std::nullopt;
  if (const passwd* entry = getpwnam(user->c_str())) return entry->pw_uid;
  without_account_.push_back(name);
  read_.warnings.push_back(file_ + ":" + std::to_string(table.source().begin.line) + ": no user \"" + *user +
                           "\" on this machine; nobody can connect as \"" + name + "\"");
  return std::nullopt;
}

void ConfigReader::principal(const toml::table& table, std::vector<std::string>& seen) {
  known_keys(table, {"name", "user", "uid", "socket", "speaks_for_staff", "books"}, " in [[principal]]");
  net::ConfiguredPrincipal wanted;
  const auto name = text(table, "name");
  if (!name) {
    if (table.get("name") == nullptr) mistake(table, "principal without a name");
    return;
  }
  if (index_in(seen, *name)) return mistake(table, "two principals with the name \"" + *name + "\"");
  seen.push_back(*name);
  wanted.principal.name = *name;
  if (table.get("socket") == nullptr) mistake(table, "principal \"" + *name + "\" needs a socket: " + listed(socket_names));
  const auto socket = choice(table, "socket", socket_names);
  wanted.principal.speaks_for_staff = truth(table, "speaks_for_staff").value_or(false);
  wanted.principal.books = truth(table, "books").value_or(false);
  const auto uid = account(table, *name);
  if (!socket || !uid) return;
  wanted.principal.socket = static_cast<SocketRole>(*socket);
  wanted.uid = *uid;
  add(std::move(wanted), table);
}

void ConfigReader::add(net::ConfiguredPrincipal wanted, const toml::table& where) {
  auto& all = read_.config.principals;
  std::erase_if(all, [&](const auto& p) { return p.principal.name == wanted.principal.name; });  // of an earlier file
  for (const auto& p : all) {
    if (p.uid == wanted.uid && p.principal.socket == wanted.principal.socket) {
      mistake(where, "principals \"" + p.principal.name + "\" and \"" + wanted.principal.name +
                         "\" are the same user on the same socket; nobody could tell them apart");
    }
  }
  all.push_back(std::move(wanted));
}

// A later file's replicas take the place of an earlier file's: the set is one decision.
void ConfigReader::replicas(const toml::table& root) {
  const toml::node* node = root.get("replica");
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr) return mistake(*node, "replicas are written as [[replica]]");
  auto& all = read_.config.replicas;
  all.clear();
  for (const toml::node& each : *array) {
    const toml::table* table = each.as_table();
    if (table == nullptr) return mistake(each, "replicas are written as [[replica]]");
    known_keys(*table, {"name", "dir"}, " in [[replica]]");
    ReplicaPlace place;
    const auto name = text(*table, "name");
    if (!name && table->get("name") == nullptr) mistake(*table, "replica without a name");
    if (name && !good_replica_name(*name)) mistake(*table->get("name"), "a replica's name has 1 to 32 of a-z, 0-9 and -");
    if (table->get("dir") == nullptr) mistake(*table, "replica without a dir");
    path_setting(*table, "dir", place.dir);
    if (!name || place.dir.empty()) continue;
    place.name = *name;
    for (const ReplicaPlace& other : all) {
      if (other.name == place.name) mistake(*table, "two replicas with the name \"" + place.name + "\"");
      if (resolved(other.dir) == resolved(place.dir))
        mistake(*table, "two replicas in " + place.dir + "; each needs a directory of its own, better a disk");
    }
    all.push_back(std::move(place));
  }
  if (all.size() > limits::replicas_max) mistake(*node, "at most 8 replicas: each add and each shred waits for all of them");
}

void ConfigReader::principals(const toml::table& root) {
  const toml::node* node = root.get("principal");
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr) return mistake(*node, "principals are written as [[principal]]");
  std::vector<std::string> seen;
  for (const toml::node& each : *array) {
    if (const toml::table* table = each.as_table())
      principal(*table, seen);
    else
      mistake(each, "principals are written as [[principal]]");
  }
}

// An exception of the parser becomes a mistake here.
void ConfigReader::file(const std::string& path) {
  file_ = path;
  if (std::error_code error; std::filesystem::is_directory(path, error)) {
    read_.mistakes.push_back(path + ":0: this is a directory; name the file");
    return;
  }
  try {
    settings(toml::parse_file(path));
  } catch (const toml::parse_error& error) {
    read_.mistakes.push_back(path + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
  }
}

// What is not there is no drop-in; what cannot be read may be the one that names the replicas.
void ConfigReader::drop_ins(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::string> found;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".toml") found.push_back(entry->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    read_.mistakes.push_back(directory + ":0: cannot be read: " + error.message());
  std::sort(found.begin(), found.end());
  for (const std::string& each : found) file(each);
}

void ConfigReader::settings(const toml::table& root) {
  Config& c = read_.config;
  known_keys(root,
             {"profile", "data_dir", "root_dir", "run_dir", "root_store", "root_device", "log_key", "log_level", "purge_days",
              "tpm", "groups", "principal", "replica"},
             "");
  if (const auto profile = text(root, "profile")) {
    c.profile = *profile;
    if (*profile != "vt" && *profile != "mt" && profile->front() != '/') {
      mistake(*root.get("profile"), "profile must be \"vt\", \"mt\" or the absolute path of a profile file");
    }
  }
  path_setting(root, "data_dir", c.data_dir);
  path_setting(root, "root_dir", c.root_dir);
  path_setting(root, "run_dir", c.run_dir);
  path_setting(root, "log_key", c.log_key);
  path_setting(root, "root_device", c.root_device);
  if (const auto kind = choice(root, "root_store", root_stores)) c.root_store = root_stores[*kind];
  if (!c.root_device.empty() && c.root_store != "rawslot")
    mistake(*root.get("root_device"), "root_device belongs to root_store = \"rawslot\"");
  if (const auto level = choice(root, "log_level", level_names)) c.log_level = static_cast<log::Level>(*level);
  if (const toml::node* node = root.get("purge_days")) {
    const auto days = node->value_exact<std::int64_t>();
    if (!days || *days < 1 || *days > limits::purge_days_max)
      mistake(*node, "purge_days must be a number of days from 1 to 90");
    else
      c.purge_days = static_cast<int>(*days);
  }
  tpm(root);
  groups(root);
  replicas(root);
  principals(root);
}

void ConfigReader::finish(const std::string& path) {
  const Config& c = read_.config;
  const std::initializer_list<std::pair<const char*, const std::string*>> needed{
      {"profile", &c.profile}, {"data_dir", &c.data_dir}, {"root_dir", &c.root_dir}, {"run_dir", &c.run_dir}};
  const bool parsed = read_.mistakes.empty();
  for (const auto& [key, value] : needed) {
    if (value->empty() && parsed) read_.mistakes.push_back(path + ":1: " + key + " is missing");
  }
  if (!c.data_dir.empty() && !c.root_dir.empty() && overlap(c.root_dir, c.data_dir)) {
    read_.mistakes.push_back(
        path + ":1: data_dir and root_dir are the same, or one lies in the other; a backup of the store would hold the root key");
  }
  for (const ReplicaPlace& one : c.replicas) {
    if (overlap(one.dir, c.data_dir) || overlap(one.dir, c.root_dir)) {
      read_.mistakes.push_back(path + ":1: the replica \"" + one.name +
                               "\" lies with the store or the root key; it must outlive both, on another disk");
    }
  }
  if (c.run_dir.size() > socket_directory_max)
    read_.mistakes.push_back(path + ":1: run_dir is too long for the path of a socket; at most " +
                             std::to_string(socket_directory_max) + " bytes");
  if (c.principals.empty() && without_account_.empty() && parsed) {
    read_.mistakes.push_back(path + ":1: no [[principal]]: nobody could connect");
  }
}

}  // namespace

ReadConfig read_config(const std::string& path) {
  ConfigReader reader;
  reader.file(path);
  reader.drop_ins(path + ".d");
  reader.finish(path);
  return reader.take();
}

std::string_view to_string(service::SocketRole role) noexcept {
  switch (role) {
    case SocketRole::frontend: return "frontend";
    case SocketRole::auditor: return "auditor";
    case SocketRole::operators: return "operator";
  }
  return "unknown";
}

}  // namespace taus
