taus_test(runtime_test SOURCES runtime_core_loop_test.cc runtime_queue_test.cc runtime_replica_test.cc runtime_worker_pool_test.cc LIBS taus_runtime)

if(NOT TAUS_SANITIZE AND NOT TAUS_FUZZ)
  # A reply before its sync: the ordering test must notice.
  add_executable(runtime_planted_ack runtime_core_loop_test.cc ${CMAKE_SOURCE_DIR}/daemon/runtime/commit_stage.cc)
  target_compile_definitions(runtime_planted_ack PRIVATE TAUS_PLANT_ACK_BEFORE_SYNC)
  target_link_libraries(runtime_planted_ack PRIVATE taus_runtime GTest::gtest GTest::gtest_main)
  add_test(NAME runtime_planted_ack COMMAND runtime_planted_ack --gtest_filter=CoreLoop.NoReplyBeforeItsCommitIsDurable)
  set_tests_properties(runtime_planted_ack PROPERTIES TIMEOUT 60
    PASS_REGULAR_EXPRESSION "FAILED  . CoreLoop.NoReplyBeforeItsCommitIsDurable")

  taus_test(runtime_wipe_test SOURCES runtime_wipe_test.cc $<TARGET_OBJECTS:taus_wiping_allocator> LIBS taus_base)
  # Without the allocator every one of them must fail.
  add_executable(runtime_planted_no_wipe runtime_wipe_test.cc)
  target_link_libraries(runtime_planted_no_wipe PRIVATE taus_base GTest::gtest GTest::gtest_main)
  add_test(NAME runtime_planted_no_wipe COMMAND runtime_planted_no_wipe)
  set_tests_properties(runtime_planted_no_wipe PROPERTIES TIMEOUT 60 PASS_REGULAR_EXPRESSION "4 FAILED TESTS")
  add_dependencies(taus_tests runtime_planted_ack runtime_planted_no_wipe)
endif()
