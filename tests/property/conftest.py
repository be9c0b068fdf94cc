"""No property fails because the machine was busy; everything else is the profile in force."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "unhurried",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")
