package android.os;

/** Stub. */
public final class Bundle {
	public void putInt(String key, int value) {}
}
