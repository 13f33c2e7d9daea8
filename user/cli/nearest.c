// SPDX-License-Identifier: GPL-2.0-only
/* What somebody may have meant who mistyped a word. */
#include "nearest.h"

#include <ctype.h>
#include <string.h>

#define WORD 40 /* letters; what is longer is no word of ours */

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Letters that are missing, too many, others, or swapped with their neighbour; capitals are alike.
 */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[3][WORD + 1], *before = row[0], *above = row[1], *now = row[2], *spare;
	size_t n = strlen(a), m = strlen(b);

	if (n > WORD || m > WORD)
		return 2 * WORD;
	for (size_t j = 0; j <= m; j++)
		above[j] = j;
	for (size_t i = 1; i <= n; i++) {
		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			int x = tolower((unsigned char)a[i - 1]);
			int y = tolower((unsigned char)b[j - 1]);

			now[j] = least(above[j] + 1, now[j - 1] + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x != y && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		spare = before;
		before = above;
		above = now;
		now = spare;
	}
	return above[m];
}

struct nearest nearest_to(const char *typed)
{
	unsigned int wrong = strlen(typed) / 3;

	return (struct nearest){.typed = typed, .distance = (wrong ? wrong : 1) + 1};
}

void nearest_consider(struct nearest *n, const char *word, const char *answer)
{
	size_t len = strlen(n->typed);
	unsigned int d = distance(n->typed, word);

	/* Two letters or more that it begins with are nearer than letters that are wrong. */
	if (d && len > 1 && !strncmp(n->typed, word, len))
		d = 1;
	if (d >= n->distance)
		return;
	n->distance = d;
	n->answer = answer;
}
