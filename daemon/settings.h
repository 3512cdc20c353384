// Where everything of one daemon lies, from a configuration file or from --dev.
//
// Threads: values. No durability but of dev_settings, which makes DIR's folders.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/config.h"
#include "daemon/net/listener.h"

namespace taus {

struct Settings {
  std::string profile;
  std::string config_file;  // empty with --dev
  std::string lock;         // data_dir/lock
  std::string database;     // data_dir/db
  std::string delta;
  std::string floor;
  std::string root_slots;  // empty: the root key is in the TPM
  std::string tpm_tcti;
  std::uint32_t tpm_index = 0;
  std::string tpm_password;          // file
  std::string log_key;               // 32 bytes, or 64 hexadecimal digits
  bool log_key_may_be_made = false;  // with a new store
  std::string log_public_key;        // written beside it, empty: not
  std::string dev_clock;             // file of the clock's offset; empty: real time
  std::string dev_directory;         // as given to --dev
  int purge_days = 7;
  std::vector<ReplicaPlace> replicas;  // of the keys
  std::vector<net::ListenerOptions> listeners;
  std::vector<net::ConfiguredPrincipal> principals;
  log::Level log_level = log::Level::info;
  [[nodiscard]] bool dev() const noexcept { return !dev_directory.empty(); }
};

// invalid_argument: a group that does not exist.
Result<Settings> settings_of(const Config& config, const std::string& config_file);
// What a start would refuse of it, each a sentence, as far as looking tells: nothing is opened or altered. Credentials of the unit are missed
// inside the unit only.
std::vector<std::string> settings_mistakes(const Config& config);
// The log key cannot be read, and may not be made.
Error log_key_missing(const Error& why);
// What of the configuration has changed and does not count before the next start, by the names of its settings.
std::vector<std::string> wants_restart(const Settings& running, const Settings& fresh);
Result<Settings> dev_settings(const std::string& directory, const std::string& profile,
                              const std::vector<std::string>& replica_dirs);

}  // namespace taus
