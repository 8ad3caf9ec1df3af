/* An opening: the commit, then the drive, then what came of it (section 7.8). */
#ifndef CLOCK_OPEN_H
#define CLOCK_OPEN_H

#include "log.h"

/* Steps 1 to 4. The draft has the use records already; the answer gets outcome, reason and the openings of a new slot. */
void open_door(struct lock *l, const struct request *q, const struct moment *now, const struct judgement *j, struct answer *a);

#endif
