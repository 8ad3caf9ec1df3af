/* Policies, revocation lists and time tokens that a visitor hands over (section 7.10). */
#ifndef CLOCK_DOCUMENTS_H
#define CLOCK_DOCUMENTS_H

#include "log.h"

/* Judges the documents of a request in their order; what they change is committed. One reason for each. */
void documents_take(struct lock *l, const struct request *q, uint8_t reasons[DOCUMENTS_MAX]);

/* On the draft: what a transfer and a reset wipe (section 18.7). */
void wipe(struct lasting *d);

#endif
