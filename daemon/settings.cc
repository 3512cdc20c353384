#include "daemon/settings.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <tuple>

#include <grp.h>
#include <unistd.h>

#include "daemon/files.h"

namespace taus {
namespace {

using service::SocketRole;

constexpr std::array roles{SocketRole::frontend, SocketRole::auditor, SocketRole::operators};

net::ListenerOptions listener(const std::string& run_dir, SocketRole role) {
  net::ListenerOptions options;
  options.path = run_dir + "/" + std::string(to_string(role)) + ".sock";
  options.role = role;
  return options;
}

// The unit's credential of that name (LoadCredentialEncrypted=), or nothing.
std::string credential_file(const std::string& name) {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  const std::string path = credentials != nullptr ? std::string(credentials) + "/" + name : "";
  std::error_code ignored;
  return !path.empty() && std::filesystem::exists(path, ignored) ? path : "";
}

Result<void> place_root(Settings& settings, const Config& config) {
  if (config.root_store != "tpm2-nv") {
    settings.root_slots = config.root_dir + "/root.slots";
    if (config.root_device.empty()) return {};
    std::error_code error;  // names of partitions are links
    settings.root_slots = std::filesystem::canonical(config.root_device, error).string();
    if (error || !std::filesystem::is_block_file(settings.root_slots, error))
      return Error(ErrorCode::invalid_argument,
                   "root_device " + config.root_device + " is no block device; name a partition that nothing else uses");
    return {};
  }
  settings.tpm_tcti = config.tpm_tcti;
  settings.tpm_index = config.tpm_index;
  settings.tpm_password = config.tpm_password.empty() ? credential_file("taus.tpm-password") : config.tpm_password;
  if (!settings.tpm_password.empty()) return {};
  return Error(ErrorCode::invalid_argument,
               "root_store = \"tpm2-nv\" needs the credential taus.tpm-password, or password in [tpm]");
}

// A credential before a file of our own.
void place_log_key(Settings& settings, const Config& config) {
  if (!config.log_key.empty()) {
    settings.log_key = config.log_key;
    return;
  }
  settings.log_key = credential_file("taus.log-key");
  if (!settings.log_key.empty()) return;
  settings.log_key = config.root_dir + "/log.key";
  settings.log_public_key = config.root_dir + "/log.pub";
  settings.log_key_may_be_made = true;
}

}  // namespace

Error log_key_missing(const Error& why) {
  return Error(ErrorCode::unavailable, why.message + "; the log key signs the floor, bring it back");
}

std::vector<std::string> settings_mistakes(const Config& config) {
  std::vector<std::string> out;
  const auto say = [&](const Result<void>& done) {
    if (!done) out.push_back(done.error().message);
  };
  Settings s;
  // Who checks outside the unit has none of its credentials.
  const bool of_the_unit =
      config.root_store == "tpm2-nv" && config.tpm_password.empty() && std::getenv("CREDENTIALS_DIRECTORY") == nullptr;
  if (!of_the_unit) say(place_root(s, config));
  if (!s.tpm_password.empty()) say(find_file(s.tpm_password));
  place_log_key(s, config);
  if (!s.log_key_may_be_made)
    if (const Result<void> found = find_file(s.log_key); !found) out.push_back(log_key_missing(found.error()).message);
  return out;
}

Result<Settings> settings_of(const Config& config, const std::string& config_file) {
  Settings s;
  s.profile = config.profile;
  s.config_file = config_file;
  s.lock = config.data_dir + "/lock";
  s.database = config.data_dir + "/db";
  s.delta = config.root_dir + "/delta";
  s.floor = config.root_dir + "/floor";
  TAUS_TRY(place_root(s, config));
  place_log_key(s, config);
  for (const SocketRole role : roles) {
    net::ListenerOptions l = listener(config.run_dir, role);
    const std::string& named = config.groups[static_cast<std::size_t>(role)];
    const std::string group = named.empty() ? "taus-" + std::string(to_string(role)) : named;
    if (const ::group* entry = getgrnam(group.c_str()))
      l.group = entry->gr_gid;
    else if (!named.empty())
      return Error(ErrorCode::invalid_argument, "no group \"" + group + "\" on this machine");
    s.listeners.push_back(l);
  }
  s.replicas = config.replicas;
  s.purge_days = config.purge_days;
  s.principals = config.principals;
  s.log_level = config.log_level;
  return s;
}

std::vector<std::string> wants_restart(const Settings& running, const Settings& fresh) {
  const auto same_replica = [](const ReplicaPlace& a, const ReplicaPlace& b) { return a.name == b.name && a.dir == b.dir; };
  const auto socket_of = [](const net::ListenerOptions& one) { return one.path; };
  const auto group_of = [](const net::ListenerOptions& one) { return one.group; };
  const auto tpm_of = [](const Settings& s) { return std::tie(s.tpm_tcti, s.tpm_index, s.tpm_password); };
  const std::initializer_list<std::pair<const char*, bool>> settings{
      {"profile", running.profile == fresh.profile},
      {"data_dir", running.database == fresh.database},
      {"root_dir", running.floor == fresh.floor},
      {"root_store", running.floor != fresh.floor || running.root_slots == fresh.root_slots},  // or its device
      {"tpm", tpm_of(running) == tpm_of(fresh)},
      {"log_key", running.floor != fresh.floor || running.log_key == fresh.log_key},
      {"run_dir", std::ranges::equal(running.listeners, fresh.listeners, {}, socket_of, socket_of)},
      {"groups", std::ranges::equal(running.listeners, fresh.listeners, {}, group_of, group_of)},
      {"purge_days", running.purge_days == fresh.purge_days},
      {"replica", std::ranges::equal(running.replicas, fresh.replicas, same_replica)},
  };
  std::vector<std::string> out;
  for (const auto& [name, same] : settings)
    if (!same) out.emplace_back(name);
  return out;
}

Result<Settings> dev_settings(const std::string& directory, const std::string& profile,
                              const std::vector<std::string>& replica_dirs) {
  std::error_code error;
  const std::string base = std::filesystem::absolute(directory, error).lexically_normal().string();
  if (error) return Error(ErrorCode::io, directory + ": " + error.message());
  const std::string run = base + "/run", data = base + "/data", root = base + "/root";
  for (const std::string& folder : {base, run, data, root}) TAUS_TRY(make_directory(folder));
  Settings s;
  s.profile = profile;
  s.dev_directory = directory;
  s.lock = data + "/lock";
  s.database = data + "/db";
  s.delta = data + "/delta";
  s.floor = root + "/floor";
  s.root_slots = root + "/root.slots";
  s.log_key = root + "/log.key";
  s.log_key_may_be_made = true;
  s.log_public_key = root + "/log.pub";
  s.dev_clock = root + "/clock";
  for (const std::string& each : replica_dirs) {
    const std::string place = std::filesystem::absolute(each, error).lexically_normal().string();
    s.replicas.push_back({.name = "replica-" + std::to_string(s.replicas.size() + 1), .dir = place});
  }
  for (const SocketRole role : roles) {
    s.listeners.push_back(listener(run, role));
    net::ConfiguredPrincipal p;
    p.principal = {.name = "developer", .socket = role, .speaks_for_staff = true, .books = true, .developer = true};
    p.uid = getuid();
    s.principals.push_back(p);
  }
  return s;
}

}  // namespace taus
