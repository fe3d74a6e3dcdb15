/* Eight bytes of a text at once. Layer 0. */
#ifndef BX_EIGHT_H
#define BX_EIGHT_H

#include <stdint.h>

#define BX_EIGHT_TIMES(byte) ((uint64_t)(unsigned char)(byte) * 0x0101010101010101)

/* Not 0 where one of the bytes is below least, which is at most 0x80; what is not 0 may be wrong where
 * one is. Below 1 is a NUL; of eight ^ BX_EIGHT_TIMES(c) it is a c. */
static inline uint64_t bx_eight_below(uint64_t eight, unsigned char least)
{
	return (eight - BX_EIGHT_TIMES(least)) & ~eight & BX_EIGHT_TIMES(0x80);
}

#endif
