if(TARGET taus_tausctl)
  taus_test(tools_test SOURCES tools_text_test.cc tools_note_test.cc tools_receipt_test.cc tools_surface_test.cc tools_package_test.cc LIBS taus_tausctl)
endif()
