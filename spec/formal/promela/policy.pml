/* What a lock keeps of its owner's will, sections 7.1, 17.6, 18.2, 18.3, 18.5,
   18.7 and 20.5: policies that come in any order, the floor and its reset,
   counted grants whose record gave way, a lock that changes hands and comes
   back, and a policy that fades from memory.  Commits are atomic but in
   TORN_COMMIT. */

/*= intact: */
/*= OLD_POLICY: version_rises blocked_stays former_shut_out */
/*= EQUAL_POLICY: taken_once blocked_stays former_shut_out */
/*= TORN_COMMIT: version_rises blocked_stays taken_once */
/*= LOSS_UNSEEN: blocked_stays */
/*= OLD_COMMIT: version_rises blocked_stays former_shut_out */
/*= NO_LOST_TIME: counted_once */
/*= EVICTED: counted_once */
/*= NO_SINCE: former_shut_out */
/*= FALLS_UNASKED: floor_as_told */

#define VERSIONS 3  /* policies that owners sign: 1 to VERSIONS */
#define LAST     3  /* latest time */
#define EXP      2  /* of the counted grant, which is good for one opening */

/* Lasting memory. */
byte version;          /* policy version, which every commit bears */
byte policy;           /* version of the policy that it holds, 0 for none */
byte floor = 1;
byte lost;             /* lost time */
bool record;           /* of the counted grant */
byte since;
bool second;           /* the owner is the second one */

/* The world. */
byte blocking;         /* the policy that blocks guests */
byte newest;           /* policy that the present owner's lock took last */
byte top;              /* highest policy version that it ever had */
byte opened;           /* by the counted grant */
bool issued, former;   /* a grant of the first owner; he had the lock taken from him since */
byte named;            /* policy version in that grant */
bool fell_back, twice, blocked_in, former_in, unasked;
bool saw_fade, saw_reset, saw_mend, came_back;

/* Section 18.3. */
#define LOST (version > policy && version >= since)

inline take() {
  d_step {
    if :: policy == v -> twice = true :: else fi;
    if :: LOST && v == version -> saw_mend = true :: else fi;
    if :: v < newest -> fell_back = true :: else fi;
    policy = v; newest = v;
#ifndef TORN_COMMIT
    version = v;
    if :: v > top -> top = v :: else fi;
#endif
    if
    :: reset && time < floor -> floor = time; saw_reset = true
    :: time > floor -> floor = time
#ifdef FALLS_UNASKED
    :: !reset && time < floor -> floor = time; unasked = true
#endif
    :: else
    fi;
    if :: other -> second = !second; since = v; former = issued; came_back = !second :: else fi
  };
#ifdef TORN_COMMIT
  if
  :: d_step { version = v; if :: v > top -> top = v :: else fi }
  :: true
  fi
#endif
}

active proctype world() {
  byte v, time;
  bool reset, other;

  select(blocking : 1 .. VERSIONS);
  do
  /* Somebody brings a policy: the owner's next, or any that was signed.  The one
     that the lock lost gave it to nobody else: that one bears another owner's
     signature now. */
  :: atomic {
       select(v : 1 .. VERSIONS);
       select(time : 1 .. LAST);
       if :: reset = true :: reset = false fi;
       if :: other = true :: other = false fi;
       if
#ifdef OLD_POLICY
       :: v != policy -> take()
#elif defined(EQUAL_POLICY)
       :: v >= version -> take()
#else
       :: v > version || (LOST && v == version && !other) -> take()
#endif
       :: else
       fi;
       v = 0; time = 0; reset = false; other = false
     }
  :: d_step { version < VERSIONS ->  /* reset by the setup secret, section 20.5 */
       policy = 0; newest = 0; since = version + 1; second = !second; former = issued; came_back = !second }
  :: d_step { policy > 0 -> policy = 0; saw_fade = true }  /* its page fades; PST-MEM-008 */
#ifdef OLD_COMMIT
  :: d_step { version > 1 && policy == version -> version--; policy-- }
#endif
  :: d_step { floor < LAST -> floor++ }  /* by a token or a grant */

  /* A guest whose grant has no fault but what the policy says. */
#ifdef LOSS_UNSEEN
  :: d_step { policy != blocking && newest == blocking -> blocked_in = true }
#else
  :: d_step { !LOST && policy != blocking && newest == blocking -> blocked_in = true }
#endif

  /* The counted grant, section 17.4. */
  :: d_step { floor < EXP && !record && EXP > lost && opened < 2 -> record = true; opened++ }
  /* Another one wants its place, section 17.6. */
#ifdef EVICTED
  :: d_step { record -> record = false }
#elif defined(NO_LOST_TIME)
  :: d_step { record && floor >= EXP -> record = false }
#else
  :: d_step { record && floor >= EXP -> record = false; lost = EXP }
#endif

  /* The first owner signs a grant that names the policy version, and it is used. */
  :: d_step { !second && !issued -> issued = true; named = version }
#ifdef NO_SINCE
  :: d_step { issued && !second && former -> former_in = true }
#else
  :: d_step { issued && !second && named >= since && former -> former_in = true }
#endif
  od
}

ltl reach_return { [] !(came_back && former && version == VERSIONS) }
ltl reach_mend { [] !(saw_fade && saw_mend) }
ltl reach_reset { [] !(saw_reset && !record && lost == EXP && floor < EXP) }

/* PST-MEM-010, section 18.2: neither the version nor the policy goes back. */
ltl version_rises { [] (!fell_back && version >= top) }
/* PST-DOC-001: a policy that it holds is not written again. */
ltl taken_once { [] !twice }
/* PST-OWN-031: whom the newest policy blocks stays out, its loss included. */
ltl blocked_stays { [] !blocked_in }
/* Section 17.6: a counted grant is not good again, whatever the floor does. */
ltl counted_once { [] (opened <= 1) }
/* Section 18.7: no owner's grant from before the lock changed hands is good again. */
ltl former_shut_out { [] !former_in }
/* PST-OWN-011. */
ltl floor_as_told { [] !unasked }
