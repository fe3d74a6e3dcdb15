/* What is attached to finished calls. */
#ifndef BX_SANDBOX_RECORD_H
#define BX_SANDBOX_RECORD_H

#include "call.h"

sb_method_fn sb_transcript;

#endif
