"""What each file says, extracted once per content and cached."""
