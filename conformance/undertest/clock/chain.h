/* The chain of a credential: its links and its signer are found and verified (sections 7.5, steps 10 to 12, and 17.2). */
#ifndef CLOCK_CHAIN_H
#define CLOCK_CHAIN_H

#include "trust.h"

enum found { FOUND, MISSING, FAULT };

/* Steps 10 and 11, and what step 12 says of the links above the leaf. The transaction has the leaf and, where the answer is
 * FOUND, then all links and the signer. Else why is the reason, and with MISSING the key id is that for the answer. */
enum found chain_find(struct lock *l, const struct request *q, uint8_t missing[KEY_ID], int *why);

/* Step 12 for the leaf: R_NONE or the reason. */
int leaf_good(const struct transaction *t);

#endif
