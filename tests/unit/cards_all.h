/* The whole card state machine in one unit, so that a test can look inside. */
#ifndef BX_TEST_CARDS_ALL_H
#define BX_TEST_CARDS_ALL_H

#include <dirent.h>
#include <stdlib.h>
#include "bx-serve/cards.c"
#include "bx-serve/cards_answer.c"
#include "bx-serve/cards_call.c"
#include "bx-serve/cards_command.c"
#include "bx-serve/cards_event.c"
#include "bx-serve/cards_index.c"
#include "bx-serve/cards_layout.c"
#include "bx-serve/cards_send.c"
#include "bx-serve/cards_show.c"
#include "bx-serve/cards_view.c"

#endif
