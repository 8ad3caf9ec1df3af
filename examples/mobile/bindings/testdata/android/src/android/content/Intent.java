package android.content;

/** Stub. */
public class Intent {}
