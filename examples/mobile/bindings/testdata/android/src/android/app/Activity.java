package android.app;

/** Stub: runs what is for the main thread at once. */
public class Activity extends android.content.Context {
	public Activity() {}
	public Activity(java.io.File files) { super(files); }
	protected void onResume() {}
	protected void onPause() {}
	public final void runOnUiThread(Runnable action) { action.run(); }
}
