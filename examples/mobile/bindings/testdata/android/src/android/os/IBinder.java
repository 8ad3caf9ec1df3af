package android.os;

/** Stub. */
public interface IBinder {}
