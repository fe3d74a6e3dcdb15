/* Functions that lose data or trust their input; including this file makes their use an error. Layer 0. */
#ifndef BX_BANNED_H
#define BX_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok gets atoi atol system popen
#pragma GCC poison cJSON_GetObjectItem

#endif
