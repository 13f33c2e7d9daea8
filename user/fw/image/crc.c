// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CRC as a remainder: the register holds the message so far, as a polynomial, modulo
 * x^16 + x^12 + x^3 + x + 1 (0x100b); data bits enter at bit 0 (fs2-image 5). Four bytes more move
 * the register 32 places up, so the 32 bits that leave it at the top come back as the remainders of
 * x^16 ... x^47; one table for each of those four bytes.
 */
#include "crc.h"
#include "fw/words.h"

#define TIMES_X(r) (((r) << 1 & 0xffff) ^ ((r)&0x8000 ? 0x100b : 0))

/* x^16 ... x^47 modulo the polynomial. */
enum {
	R0 = 0x100b,
	R1 = TIMES_X(R0),
	R2 = TIMES_X(R1),
	R3 = TIMES_X(R2),
	R4 = TIMES_X(R3),
	R5 = TIMES_X(R4),
	R6 = TIMES_X(R5),
	R7 = TIMES_X(R6),
	R8 = TIMES_X(R7),
	R9 = TIMES_X(R8),
	R10 = TIMES_X(R9),
	R11 = TIMES_X(R10),
	R12 = TIMES_X(R11),
	R13 = TIMES_X(R12),
	R14 = TIMES_X(R13),
	R15 = TIMES_X(R14),
	R16 = TIMES_X(R15),
	R17 = TIMES_X(R16),
	R18 = TIMES_X(R17),
	R19 = TIMES_X(R18),
	R20 = TIMES_X(R19),
	R21 = TIMES_X(R20),
	R22 = TIMES_X(R21),
	R23 = TIMES_X(R22),
	R24 = TIMES_X(R23),
	R25 = TIMES_X(R24),
	R26 = TIMES_X(R25),
	R27 = TIMES_X(R26),
	R28 = TIMES_X(R27),
	R29 = TIMES_X(R28),
	R30 = TIMES_X(R29),
	R31 = TIMES_X(R30),
};

/* The remainder of byte @i when its lowest bit stands for r0, the next one for r1, ... */
#define SUM(i, r0, r1, r2, r3, r4, r5, r6, r7)                                               \
	(((i)&1 ? (r0) : 0) ^ ((i)&2 ? (r1) : 0) ^ ((i)&4 ? (r2) : 0) ^ ((i)&8 ? (r3) : 0) ^ \
	 ((i)&16 ? (r4) : 0) ^ ((i)&32 ? (r5) : 0) ^ ((i)&64 ? (r6) : 0) ^ ((i)&128 ? (r7) : 0))

#define SUM0(i) SUM(i, R0, R1, R2, R3, R4, R5, R6, R7)
#define SUM1(i) SUM(i, R8, R9, R10, R11, R12, R13, R14, R15)
#define SUM2(i) SUM(i, R16, R17, R18, R19, R20, R21, R22, R23)
#define SUM3(i) SUM(i, R24, R25, R26, R27, R28, R29, R30, R31)

#define ROW4(f, i)  f(i), f((i) + 1), f((i) + 2), f((i) + 3)
#define ROW16(f, i) ROW4(f, i), ROW4(f, (i) + 4), ROW4(f, (i) + 8), ROW4(f, (i) + 12)
#define ROW64(f, i) ROW16(f, i), ROW16(f, (i) + 16), ROW16(f, (i) + 32), ROW16(f, (i) + 48)
#define ROW256(f)   ROW64(f, 0), ROW64(f, 64), ROW64(f, 128), ROW64(f, 192)

static const uint16_t remainder_of[4][256] = {
	{ROW256(SUM0)},
	{ROW256(SUM1)},
	{ROW256(SUM2)},
	{ROW256(SUM3)},
};

uint16_t fw_crc_feed(uint16_t crc, const uint8_t *bytes, size_t len)
{
	for (const uint8_t *end = bytes + len / 4 * 4; bytes < end; bytes += 4)
		crc = remainder_of[3][crc >> 8] ^ remainder_of[2][crc & 0xff] ^
		      remainder_of[1][bytes[0]] ^ remainder_of[0][bytes[1]] ^
		      (bytes[2] << 8 | bytes[3]);
	return crc;
}

uint16_t fw_crc_finish(uint16_t crc)
{
	/* 16 zero bits: the register moves up by 16 places, nothing enters. */
	return ~(remainder_of[1][crc >> 8] ^ remainder_of[0][crc & 0xff]);
}

uint16_t fw_crc(const uint8_t *bytes, size_t len)
{
	return fw_crc_finish(fw_crc_feed(FW_CRC_INIT, bytes, len));
}
