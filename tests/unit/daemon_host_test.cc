// What the daemon says of the machine that it runs on.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/host.h"

namespace taus {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class HostWarnings : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &before_), 0); }
  void TearDown() override {
    EXPECT_EQ(::setrlimit(RLIMIT_MEMLOCK, &before_), 0);
    std::filesystem::remove(path_);
  }
  std::vector<std::string> with(const char* swaps) {
    std::ofstream(path_) << swaps;
    return host_warnings(path_);
  }
  const std::string path_ = testing::TempDir() + "taus-swaps-" + std::to_string(::getpid());
  rlimit before_{};
};

TEST_F(HostWarnings, SwapIsToldWithWhatToDo) {
  EXPECT_THAT(with("Filename\tType\tSize\tUsed\tPriority\n"), Not(Contains(HasSubstr("swap"))));
  EXPECT_THAT(with("Filename\tType\tSize\tUsed\tPriority\n/dev/sda2\tpartition\t1048572\t0\t-2\n"),
              Contains(HasSubstr("switch it off or encrypt it")));
}

TEST_F(HostWarnings, TooLittleLockedMemoryIsToldWithWhatToDo) {
  rlimit less = before_;
  less.rlim_cur = std::min<rlim_t>(before_.rlim_max, 4 << 20);
  ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &less), 0);
  EXPECT_THAT(with(""), Contains(HasSubstr("LimitMEMLOCK=64M")));
}

}  // namespace
}  // namespace taus
