# The restart test (kill_life.py), and what shows that it would notice: lying daemons, a model that forgets.
if(TARGET tausd AND TARGET taus-verify AND TARGET taus_api)
  set(kill_seconds 1200)  # of which a daily run takes about 300
  if(NOT "$ENV{TAUS_LONG}" STREQUAL "")
    set(kill_seconds 21600)
  endif()
  taus_python_test(e2e_kill SCRIPT kill_life.py ARGS ${CMAKE_BINARY_DIR} TIMEOUT ${kill_seconds})
  set_tests_properties(e2e_kill PROPERTIES PROCESSORS 2)
  taus_python_test(e2e_kill_planted_ack SCRIPT kill_life.py ARGS ${CMAKE_BINARY_DIR} --kills 400 --liar early TIMEOUT 600)
  taus_python_test(e2e_kill_planted_twice SCRIPT kill_life.py ARGS ${CMAKE_BINARY_DIR} --kills 400 --liar twice TIMEOUT 600)
  taus_python_test(e2e_kill_planted_forget SCRIPT kill_life.py ARGS ${CMAKE_BINARY_DIR} --kills 80 --forget TIMEOUT 600)
  taus_python_test(e2e_kill_planted_still SCRIPT kill_life.py ARGS ${CMAKE_BINARY_DIR} --kills 20 --still TIMEOUT 600)
endif()
