# What is left of a shredded client: on the disk, in memory.
if(TARGET tausd)
  taus_python_test(e2e_image SCRIPT image_test.py ARGS ${CMAKE_BINARY_DIR} TIMEOUT 600)
  taus_python_test(e2e_memory SCRIPT memory_test.py ARGS ${CMAKE_BINARY_DIR} TIMEOUT 600)
  taus_python_test(e2e_tpm SCRIPT tpm_test.py ARGS ${CMAKE_BINARY_DIR})
  # The daemon without the allocator that wipes: the search of its memory must find something.
  add_executable(tausd_planted_no_wipe ${CMAKE_SOURCE_DIR}/daemon/main.cc)
  target_compile_definitions(tausd_planted_no_wipe PRIVATE TAUS_VERSION="${PROJECT_VERSION}")
  target_link_libraries(tausd_planted_no_wipe PRIVATE taus_daemon)
  taus_python_test(e2e_memory_planted SCRIPT memory_test.py ARGS ${CMAKE_BINARY_DIR} $<TARGET_FILE:tausd_planted_no_wipe> TIMEOUT 600)
endif()
if(TARGET tausd AND TARGET taus-dump)
  taus_python_test(e2e_adversary SCRIPT adversary_test.py ARGS ${CMAKE_BINARY_DIR} $<TARGET_FILE:taus-dump> TIMEOUT 3600)
endif()
