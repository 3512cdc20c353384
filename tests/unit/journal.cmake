find_package(rapidcheck REQUIRED)
find_package(nlohmann_json REQUIRED)
set(journal_test_libs taus_journal rapidcheck nlohmann_json::nlohmann_json)
taus_test(journal_test SOURCES journal_checkpoint_test.cc journal_entry_test.cc journal_floor_test.cc journal_log_test.cc
  journal_merkle_test.cc LIBS ${journal_test_libs})
target_compile_definitions(journal_test PRIVATE TAUS_VECTORS="${CMAKE_SOURCE_DIR}/tests/vectors")

# taus_planted_journal(NAME SOURCE file DEFINE bug FAILS test): the same sources with a bug in them must fail that test.
function(taus_planted_journal name)
  cmake_parse_arguments(ARG "" "SOURCE;DEFINE;FAILS" "TESTS" ${ARGN})
  add_executable(${name} ${ARG_TESTS} ${CMAKE_SOURCE_DIR}/eventstore/journal/${ARG_SOURCE})
  target_compile_definitions(${name} PRIVATE ${ARG_DEFINE} TAUS_VECTORS="${CMAKE_SOURCE_DIR}/tests/vectors")
  target_link_libraries(${name} PRIVATE ${journal_test_libs} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} --gtest_filter=${ARG_FAILS})
  set_tests_properties(${name} PROPERTIES TIMEOUT 60 PASS_REGULAR_EXPRESSION "FAILED  . ${ARG_FAILS}")
endfunction()
taus_planted_journal(journal_planted_commitment SOURCE entry.cc DEFINE TAUS_PLANT_COMMITMENT_NOT_CHECKED
  TESTS journal_entry_test.cc FAILS Entry.PartVectors)
taus_planted_journal(journal_planted_tail SOURCE journal.cc DEFINE TAUS_PLANT_TAIL_NOT_CHECKED
  TESTS journal_log_test.cc FAILS JournalTest.ALostTailIsRefused)
