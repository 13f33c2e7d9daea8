// SPDX-License-Identifier: GPL-2.0-only
/* The parts the driver knows, held against those of the kernel's spi-nor. */
#include "card.h"

static const struct {
	uint32_t jedec, size;
	const char *name;
} parts[] = {
#include "spi-nor.h"
};

/* The families of the driver's table. */
static const char *const families[] = {
	"M25PXxx",   "M25Pxx",	  "N25Q0XX",   "SST25VFxx",  "W25QxxBV", "W25Xxx", "W25Qxxx",
	"AT25DFxxx", "S25FLXXXP", "S25FL116K", "MX25L16xxx", "IS25LP",	 "GD25",
};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

/* A part that is taken has the size that spi-nor gives it; every family has such parts. */
TEST_F(card, sizes)
{
	unsigned int seen[FAMILIES] = {0}, known = 0;
	struct info info;

	ASSERT_LT(100, sizeof(parts) / sizeof(parts[0]));
	self->blemished = true; /* the model's part remains what it is */
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		model("fault jedec=%06x", parts[i].jedec);
		ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
		ASSERT_OK(client_card(self->c, self->name, &info));
		EXPECT_EQ(parts[i].jedec, info.jedec) TH_LOG("%s", parts[i].name);
		if (!info.size)
			continue;
		known++;
		EXPECT_EQ(parts[i].size, info.size)
		TH_LOG("%s 0x%x", parts[i].name, parts[i].jedec);
		for (size_t f = 0; f < FAMILIES; f++)
			seen[f] += !strcmp(families[f], info.part);
	}
	for (size_t f = 0; f < FAMILIES; f++) {
		EXPECT_LT(0, seen[f]) TH_LOG("%s", families[f]);
	}
	TH_LOG("%u parts", known);
	model("fault none");
	ASSERT_OK(client_lock_patiently(self->c, self->name, &self->session));
	ASSERT_OK(client_card(self->c, self->name, &info));
	EXPECT_EQ(self->info.size, info.size);
}

TEST_HARNESS_MAIN
