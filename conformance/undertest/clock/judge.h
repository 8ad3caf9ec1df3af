/* The judgement of a right: time, links, policy and lists (sections 7.7, 16.2, 16.4 and 18.5), and counted uses (17.4). */
#ifndef CLOCK_JUDGE_H
#define CLOCK_JUDGE_H

#include "trust.h"

/* The floor in force, and the evidence in force with it. */
struct moment moment_now(const struct lock *l, uint32_t floor);

struct judgement {
    int reason;
    bool at_policy;                             /* no fault before section 18.5 */
    uint8_t entry[LINKS_MAX];                   /* that decided, of each link */
    uint32_t service;                           /* of the deciding entry of the root's grant */
};

/* Step 17 for the holder of a grant. The links and the signer are those of the transaction. */
struct judgement judge(const struct lock *l, const struct request *q, const struct moment *now);

/* Is the notice of the policy for this visitor, after this judgement (section 18.6)? */
bool notice_due(const struct lock *l, const struct judgement *j);

/* Steps 1 to 5 of section 17.4 on the draft: R_NONE or a reason. */
int use_begin(const struct lock *l, struct lasting *draft, const struct judgement *j, uint32_t floor);
/* Step 7 on the draft: is there anything to confirm? */
bool use_confirm(const struct lock *l, struct lasting *draft, const struct judgement *j);

/* Role of the visitor by the credential of the transaction. */
uint8_t role_of(const struct lock *l);

#endif
