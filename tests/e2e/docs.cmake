# What README and docs tell people to type, run.
taus_python_test(docs_rules SCRIPT doc_commands_test.py)
if(TARGET tausd AND TARGET tausctl)
  taus_python_test(docs_commands SCRIPT doc_commands.py ARGS ${CMAKE_SOURCE_DIR} $<TARGET_FILE_DIR:tausctl> TIMEOUT 900)
endif()
