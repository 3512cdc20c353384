// Configuration: every mistake with its line, and drop-ins.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "daemon/arguments.h"
#include "daemon/config.h"
#include "daemon/dev_clock.h"
#include "daemon/settings.h"

namespace taus {
namespace {

class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/taus-config-XXXXXX";
    ASSERT_NE(mkdtemp(pattern), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string file() const { return directory_ + "/taus.toml"; }
  void write(const std::string& text) { std::ofstream(file()) << text; }
  void drop_in(const std::string& name, const std::string& text) {
    std::filesystem::create_directory(file() + ".d");
    std::ofstream(file() + ".d/" + name) << text;
  }
  // The mistakes without the path, one a line.
  std::string mistakes() {
    std::string all;
    for (const std::string& m : read_config(file()).mistakes) all += m.substr(directory_.size() + 1) + "\n";
    return all;
  }
  std::string directory_;
};

const char* const good =
    "profile = \"vt\"\ndata_dir = \"/d\"\nroot_dir = \"/r\"\nrun_dir = \"/run\"\n"
    "[[principal]]\nname = \"desk\"\nuid = 1000\nsocket = \"frontend\"\nspeaks_for_staff = true\n";

TEST_F(ConfigTest, Good) {
  write(good);
  const ReadConfig read = read_config(file());
  EXPECT_EQ(mistakes(), "");
  ASSERT_EQ(read.config.principals.size(), 1U);
  EXPECT_TRUE(read.config.principals[0].principal.speaks_for_staff);
  EXPECT_FALSE(read.config.principals[0].principal.books);
  EXPECT_FALSE(read.config.principals[0].principal.developer);  // no configuration can say so
  const auto settings = settings_of(read.config, file());
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->root_slots, "/r/root.slots");
  EXPECT_TRUE(settings->dev_clock.empty());
}

TEST_F(ConfigTest, PurgeDays) {
  write(std::string("purge_days = 2\n") + good);
  EXPECT_EQ(mistakes(), "");
  EXPECT_EQ(settings_of(read_config(file()).config, file())->purge_days, 2);
  for (const char* bad : {"0", "91", "-1", "1.5", "\"7\""}) {
    write(std::string("purge_days = ") + bad + "\n" + good);
    EXPECT_EQ(mistakes(), "taus.toml:1: purge_days must be a number of days from 1 to 90\n");
  }
}

TEST_F(ConfigTest, Replicas) {
  const auto of = [](const std::string& name, const std::string& dir) {
    return "[[replica]]\nname = \"" + name + "\"\ndir = \"" + dir + "\"\n";
  };
  write(good + of("second", "/b") + of("third", "/c"));
  EXPECT_EQ(mistakes(), "");
  const auto settings = settings_of(read_config(file()).config, file());
  ASSERT_TRUE(settings && settings->replicas.size() == 2);
  EXPECT_EQ(settings->replicas[1].dir, "/c");
  drop_in("a.toml", of("fourth", "/e"));  // the set is one decision
  EXPECT_EQ(read_config(file()).config.replicas.size(), 1U);
  std::filesystem::remove_all(file() + ".d");

  write(good + of("Second disk", "/b"));
  EXPECT_EQ(mistakes(), "taus.toml:11: a replica's name has 1 to 32 of a-z, 0-9 and -\n");
  write(good + of("a", "b"));
  EXPECT_EQ(mistakes(), "taus.toml:12: dir must be an absolute path\n");
  write(good + of("a", "/b") + of("a", "/b"));
  EXPECT_EQ(mistakes(),
            "taus.toml:13: two replicas with the name \"a\"\ntaus.toml:13: two replicas in /b; each needs a directory of its "
            "own, better a disk\n");
  write(good + of("a", "/d/keys"));
  EXPECT_EQ(mistakes(),
            "taus.toml:1: the replica \"a\" lies with the store or the root key; it must outlive both, on another disk\n");
  write(std::string(good) + "[[replica]]\npath = \"/b\"\n");
  EXPECT_EQ(mistakes(),
            "taus.toml:11: unknown key \"path\" in [[replica]]; known are name, dir\ntaus.toml:10: replica without a "
            "name\ntaus.toml:10: replica without a dir\n");
  std::string nine = good;
  for (char i = '1'; i <= '9'; ++i) nine += of(std::string(1, i), std::string("/b") + i);
  write(nine);
  EXPECT_EQ(mistakes(), "taus.toml:10: at most 8 replicas: each add and each shred waits for all of them\n");
}

TEST_F(ConfigTest, ADirectoryIsNoFile) {
  std::filesystem::create_directory(file());
  EXPECT_EQ(mistakes(), "taus.toml:0: this is a directory; name the file\n");
}

TEST_F(ConfigTest, RootInTheTpm) {
  const std::string chosen = std::string("root_store = \"tpm2-nv\"\n") + good;
  write(chosen);
  EXPECT_EQ(mistakes(), "");
  ASSERT_FALSE(settings_of(read_config(file()).config, file()).has_value()) << "there is no password";
  write(chosen + "[tpm]\ntcti = \"device:/dev/tpm0\"\nindex = 0x01800200\npassword = \"/secret\"\n");
  EXPECT_EQ(mistakes(), "");
  const auto settings = settings_of(read_config(file()).config, file());
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->root_slots, "");
  EXPECT_EQ(settings->tpm_tcti, "device:/dev/tpm0");
  EXPECT_EQ(settings->tpm_index, 0x01800200U);
  EXPECT_EQ(settings->tpm_password, "/secret");
  write(std::string(good) + "[tpm]\nindex = 7\nhandle = 1\n");
  EXPECT_EQ(mistakes(),
            "taus.toml:12: unknown key \"handle\" in [tpm]; known are tcti, index, password\n"
            "taus.toml:11: index must be from 0x01800000 to 0x01bffffe\n");
}

TEST_F(ConfigTest, RootOnADevice) {
  write(std::string("root_device = \"/dev/null\"\n") + good);
  EXPECT_EQ(mistakes(), "");
  const auto settings = settings_of(read_config(file()).config, file());
  ASSERT_FALSE(settings.has_value());
  EXPECT_NE(settings.error().message.find("no block device"), std::string::npos);
  write(std::string("root_device = \"sda3\"\n") + good);
  EXPECT_EQ(mistakes(), "taus.toml:1: root_device must be an absolute path\n");
  write(std::string("root_device = \"/dev/sda3\"\nroot_store = \"tpm2-nv\"\n") + good);
  EXPECT_EQ(mistakes(), "taus.toml:1: root_device belongs to root_store = \"rawslot\"\n");
}

// What the start would refuse is known before it, and found by looking alone.
TEST_F(ConfigTest, WhatIsNamedIsThere) {
  const auto wrong = [&](const std::string& settings, const std::string& tables = "") {
    write(settings + good + tables);
    EXPECT_EQ(mistakes(), "");
    std::string out;
    for (const std::string& one : settings_mistakes(read_config(file()).config)) out += one + "\n";
    return out;
  };
  const std::string missing = directory_ + "/missing";
  const std::string no_log_key =
      missing + ": cannot open it: No such file or directory; the log key signs the floor, bring it back\n";
  EXPECT_EQ(wrong(""), "") << "a log key of its own is made with the store";
  EXPECT_EQ(wrong("log_key = \"" + missing + "\"\n"), no_log_key);
  EXPECT_EQ(wrong("log_key = \"" + directory_ + "\"\n"),
            directory_ + ": cannot read it: Is a directory; the log key signs the floor, bring it back\n");
  EXPECT_EQ(wrong("log_key = \"" + file() + "\"\n"), "") << "a file that is there; what is in it is not read";
  EXPECT_EQ(wrong("root_device = \"/dev/null\"\nlog_key = \"" + missing + "\"\n"),
            "root_device /dev/null is no block device; name a partition that nothing else uses\n" + no_log_key);
  EXPECT_EQ(wrong("root_store = \"tpm2-nv\"\n", "[tpm]\npassword = \"" + missing + "\"\n"),
            missing + ": cannot open it: No such file or directory\n");
  EXPECT_FALSE(std::filesystem::exists(missing));
  // The credential is the unit's: who looks from a shell cannot miss it, the unit can.
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(wrong("root_store = \"tpm2-nv\"\n"), "");
  ::setenv("CREDENTIALS_DIRECTORY", directory_.c_str(), 1);
  EXPECT_EQ(wrong("root_store = \"tpm2-nv\"\n"),
            "root_store = \"tpm2-nv\" needs the credential taus.tpm-password, or password in [tpm]\n");
  std::ofstream(directory_ + "/taus.tpm-password") << "secret";
  EXPECT_EQ(wrong("root_store = \"tpm2-nv\"\n"), "");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(ConfigTest, EveryMistakeWithItsLine) {
  write(
      "profil = \"vt\"\nprofile = 3\ndata_dir = \"relative\"\nrun_dir = \"\"\nlog_level = \"loud\"\nroot_store = \"tape\"\n"
      "[groups]\nfrontend = \"no-such-group-here\"\nothers = \"x\"\n"
      "[[principal]]\nname = \"a\"\nsocket = \"frontend\"\n"
      "[[principal]]\nname = \"a\"\nuid = 1\nsocket = \"frontend\"\n"
      "[[principal]]\nname = \"b\"\nuid = 65534\nsocket = \"side\"\nmay_all = true\n");
  EXPECT_EQ(
      mistakes(),
      "taus.toml:1: unknown key \"profil\"; known are profile, data_dir, root_dir, run_dir, root_store, root_device, log_key, "
      "log_level, purge_days, tpm, groups, principal, replica\n"
      "taus.toml:2: profile must be a text that is not empty\n"
      "taus.toml:3: data_dir must be an absolute path\n"
      "taus.toml:4: run_dir must be a text that is not empty\n"
      "taus.toml:6: root_store must be one of rawslot, tpm2-nv\n"
      "taus.toml:5: log_level must be one of debug, info, warning, error\n"
      "taus.toml:9: unknown key \"others\" in [groups]; known are frontend, auditor, operator\n"
      "taus.toml:8: no group \"no-such-group-here\" on this machine\n"
      "taus.toml:10: principal \"a\" needs either user or uid\n"
      "taus.toml:13: two principals with the name \"a\"\n"
      "taus.toml:21: unknown key \"may_all\" in [[principal]]; known are name, user, uid, socket, speaks_for_staff, books\n"
      "taus.toml:20: socket must be one of frontend, auditor, operator\n"
      "taus.toml:19: uid must be a user's number, and not 65534, which stands for everybody unknown\n");
}

TEST_F(ConfigTest, WhatIsMissing) {
  write("profile = \"vt\"\n");
  EXPECT_EQ(mistakes(),
            "taus.toml:1: data_dir is missing\ntaus.toml:1: root_dir is missing\ntaus.toml:1: run_dir is missing\n"
            "taus.toml:1: no [[principal]]: nobody could connect\n");
}

TEST_F(ConfigTest, SyntaxAndMissingFile) {
  write("profile = \"vt\"\ndata_dir = \n");
  EXPECT_EQ(read_config(file()).mistakes.size(), 1U);
  EXPECT_NE(mistakes().find("taus.toml:2: "), std::string::npos) << mistakes();
  std::filesystem::remove(file());
  EXPECT_EQ(read_config(file()).mistakes.size(), 1U);
}

TEST_F(ConfigTest, StoreAndRootApart) {
  write(std::string(good) + "");
  std::ofstream(file(), std::ios::trunc) << "profile = \"vt\"\ndata_dir = \"/d\"\nroot_dir = \"/d\"\nrun_dir = \"/run\"\n"
                                            "[[principal]]\nname = \"a\"\nuid = 1\nsocket = \"auditor\"\n";
  EXPECT_NE(mistakes().find("data_dir and root_dir are the same"), std::string::npos);
}

TEST_F(ConfigTest, DropInsInOrderLaterWins) {
  write(good);
  drop_in("20-b.toml", "profile = \"mt\"\n");
  drop_in("10-a.toml", "profile = \"/etc/taus/own.toml\"\n[[principal]]\nname = \"desk\"\nuid = 1001\nsocket = \"frontend\"\n");
  drop_in("30-c.txt", "nonsense");
  const ReadConfig read = read_config(file());
  EXPECT_EQ(mistakes(), "");
  EXPECT_EQ(read.config.profile, "mt");
  ASSERT_EQ(read.config.principals.size(), 1U);
  EXPECT_EQ(read.config.principals[0].uid, 1001U);
}

TEST_F(ConfigTest, WhatDoesNotCountBeforeTheNextStartIsNamed) {
  const std::string start = "data_dir = \"/d\"\nroot_dir = \"/r\"\n";
  const std::string who = "[[principal]]\nname = \"a\"\nuid = 1\nsocket = \"auditor\"\n";
  const auto of = [&](const std::string& text) {
    write(text);
    return settings_of(read_config(file()).config, file()).value();
  };
  const Settings running = of("profile = \"vt\"\nrun_dir = \"/run\"\n" + start + who);
  const auto told = [&](const std::string& text) {
    std::string all;
    for (const std::string& name : wants_restart(running, of(text))) all += name + " ";
    return all;
  };
  const std::string same = "profile = \"vt\"\nrun_dir = \"/run\"\n";
  EXPECT_EQ(told(same + start + who), "");
  EXPECT_EQ(told(same + start + "log_level = \"debug\"\n" + who + "speaks_for_staff = true\n"), "");
  EXPECT_EQ(told("profile = \"mt\"\nrun_dir = \"/run\"\n" + start + who), "profile ");
  EXPECT_EQ(told("profile = \"vt\"\nrun_dir = \"/other\"\n" + start + who), "run_dir ");
  EXPECT_EQ(told(same + "data_dir = \"/e\"\nroot_dir = \"/r\"\n" + who), "data_dir ");
  EXPECT_EQ(told(same + "data_dir = \"/d\"\nroot_dir = \"/s\"\n" + who), "root_dir ");
  EXPECT_EQ(told(same + start + "purge_days = 2\n" + who), "purge_days ");
  EXPECT_EQ(told(same + start + "log_key = \"/k\"\n" + who), "log_key ");
  EXPECT_EQ(told(same + start + who + "[groups]\noperator = \"root\"\n"), "groups ");
  EXPECT_EQ(told(same + start + who + "[[replica]]\nname = \"a\"\ndir = \"/b\"\n"), "replica ");
  EXPECT_EQ(told(same + start + "root_store = \"tpm2-nv\"\n" + who + "[tpm]\npassword = \"/p\"\n"), "root_store tpm ");
}

TEST_F(ConfigTest, ALinkOrADotIsNoOtherPlace) {
  namespace fs = std::filesystem;
  fs::create_directories(directory_ + "/data/inner");
  fs::create_directories(directory_ + "/root");
  fs::create_directory_symlink(directory_ + "/data", directory_ + "/link");
  const auto with = [&](const std::string& root, const std::string& more) {
    write("profile = \"vt\"\ndata_dir = \"" + directory_ + "/data\"\nroot_dir = \"" + directory_ + root +
          "\"\nrun_dir = \"/run\"\n[[principal]]\nname = \"a\"\nuid = 1\nsocket = \"auditor\"\n" + more);
    return mistakes();
  };
  const auto replica = [&](const std::string& name, const std::string& dir) {
    return "[[replica]]\nname = \"" + name + "\"\ndir = \"" + directory_ + dir + "\"\n";
  };
  EXPECT_EQ(with("/root", replica("a", "/other")), "");
  for (const char* dir : {"/data", "/./data", "/data/", "/link", "/link/inner", "/root/../data/x", "/link/../root"})
    EXPECT_NE(with("/root", replica("a", dir)).find("lies with the store or the root key"), std::string::npos) << dir;
  for (const char* root : {"/data/r", "/link/r", "/link", "/x/../data"})
    EXPECT_NE(with(root, "").find("data_dir and root_dir are the same"), std::string::npos) << root;
  EXPECT_NE(with("/root", replica("a", "/other") + replica("b", "/./other")).find("two replicas in"), std::string::npos);
}

// It may be the one that names the replicas.
TEST_F(ConfigTest, DropInsThatCannotBeReadAreAMistake) {
  write(good);
  EXPECT_EQ(mistakes(), "");
  std::ofstream(file() + ".d") << "no directory";
  EXPECT_EQ(mistakes(), "taus.toml.d:0: cannot be read: Not a directory\n");
}

TEST_F(ConfigTest, OneUserOnOneSocketIsOnePrincipal) {
  write(std::string(good) + "[[principal]]\nname = \"other\"\nuid = 1000\nsocket = \"frontend\"\n");
  EXPECT_NE(mistakes().find("nobody could tell them apart"), std::string::npos);
}

TEST_F(ConfigTest, AnAccountThatIsNotThereIsAWarning) {
  write(std::string(good) + "[[principal]]\nname = \"later\"\nuser = \"no-such-user-here\"\nsocket = \"auditor\"\n");
  const ReadConfig read = read_config(file());
  EXPECT_EQ(mistakes(), "");
  EXPECT_EQ(read.warnings.size(), 1U);
  EXPECT_EQ(read.config.principals.size(), 1U);
}

TEST_F(ConfigTest, DevClockSurvivesARestart) {
  const std::string path = directory_ + "/clock";
  const Instant wanted = instant_of_ms(1'900'000'000'000);
  ASSERT_TRUE(DevClock::open(path).value()->move_to(wanted));
  const auto left = DevClock::open(path).value()->now() - wanted;
  EXPECT_GE(left.count(), -1);
  EXPECT_LT(left.count(), 10'000);
  std::ofstream(path, std::ios::trunc) << "12x";
  EXPECT_EQ(DevClock::open(path).error().code, ErrorCode::corrupt);
  std::filesystem::remove(path);
  const auto clock = DevClock::open(path).value();
  std::filesystem::create_directory(path);  // where the disk does not take it
  EXPECT_EQ(clock->move_to(wanted).error().code, ErrorCode::io);
  EXPECT_LT(clock->now(), wanted - std::chrono::hours(24));
}

std::string refused(std::initializer_list<const char*> words) {
  std::vector<const char*> argv{"tausd"};
  argv.insert(argv.end(), words.begin(), words.end());
  const auto task = parse_arguments(static_cast<int>(argv.size()), argv.data());
  return task ? "" : task.error().message;
}

TEST(Arguments, Lines) {
  EXPECT_EQ(refused({"--config", "x"}), "");
  EXPECT_EQ(refused({"--check-config"}), "");
  EXPECT_EQ(refused({"--dev", "d", "--profile", "vt"}), "");
  EXPECT_EQ(refused({"--version"}), "");
  EXPECT_EQ(refused({}), "nothing to do");
  EXPECT_EQ(refused({"--dev", "d"}), "--dev needs --profile vt or --profile mt");
  EXPECT_EQ(refused({"--dev"}), "--dev needs a value");
  EXPECT_EQ(refused({"--config", "a", "--config", "b"}), "--config given twice");
  EXPECT_EQ(refused({"--dev", "d", "--profile", "vt", "--config", "x"}), "--dev takes no --config; its settings are fixed");
  EXPECT_EQ(refused({"--profile", "vt"}), "--profile goes with --dev; otherwise the configuration names it");
  EXPECT_EQ(refused({"--frobnicate"}), "unknown argument \"--frobnicate\"");
}

}  // namespace
}  // namespace taus
