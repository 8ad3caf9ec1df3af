/* Resumption slots: made, moved on, ended and taken up again (chapter 15). */
#ifndef CLOCK_SLOTS_H
#define CLOCK_SLOTS_H

#include "lock.h"

/* On the draft: what becomes of slots by the opening of this transaction; returns the openings of a new one, else 0. */
uint8_t slot_change(const struct lock *l, struct lasting *d, bool wanted);
/* Does the slot end by this policy? */
bool slot_ends(const struct slot *s, const struct object *policy, bool gives_away);
/* Step 4 of section 15.3: puts the slot's credential into the transaction; false where the lock does not take it any more. */
bool slot_taken(struct lock *l, const struct slot *s);

#endif
