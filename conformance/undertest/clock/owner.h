/* Becoming the owner, and the log key (sections 20.3 and 20.4). */
#ifndef CLOCK_OWNER_H
#define CLOCK_OWNER_H

#include "log.h"

/* Section 20.3 for a bare key that is no owner key: R_NONE with the outcome in the answer, or why it is refused. */
int become_owner(struct lock *l, const struct request *q, struct answer *a);
/* On the draft: the LogKey of this transaction. */
void agree_log_key(const struct lock *l, struct lasting *d);

#endif
