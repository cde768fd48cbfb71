from django.urls import path

from milepost.service.accounts.views import confirm, home, openid, own, passkeys, signing_in, users

app_name = "accounts"
urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in", signing_in.sign_in, name="sign-in"),
    path("sign-in/code", signing_in.code, name="code"),
    path("sign-in/set-up", signing_in.set_up, name="set-up"),
    path("sign-in/openid", openid.begin, name="openid"),
    path("sign-in/openid/return", openid.come_back, name="openid-return"),
    path("invitation/<str:secret>", signing_in.invitation, name="invitation"),
    path("sign-out", signing_in.sign_out, name="sign-out"),
    path("account/", own.account, name="account"),
    path("account/password", own.password, name="password"),
    path("account/second-factor", own.second_factor, name="own-second-factor"),
    path("account/recovery-codes", own.recovery_codes, name="recovery-codes"),
    path("account/passkeys/", passkeys.own, name="passkeys"),
    path("account/passkeys/add", passkeys.add, name="passkey-add"),
    path("account/passkeys/<int:pk>/remove", passkeys.remove, name="passkey-remove"),
    path("account/confirm", confirm.confirm, name="confirm"),
    path("account/confirm/openid", confirm.confirm_openid, name="confirm-openid"),
    path("account/end-everything-else", own.end_everything_else, name="end-everything-else"),
    path("account/end/<slug:kind>/<int:pk>", own.end_one, name="end-one"),
    path("users/", users.users, name="users"),
    path("users/add", users.add_user, name="add-user"),
    path("users/<int:pk>", users.user, name="user"),
    path("users/<int:pk>/change", users.change_user, name="change-user"),
    path("users/<int:pk>/do/<slug:act>", users.user_act, name="user-act"),
    path("users/<int:pk>/end/<slug:kind>/<int:number>", users.end_one, name="user-end-one"),
    path("teams/", users.teams, name="teams"),
    path("teams/add", users.team, name="add-team"),
    path("teams/<int:pk>", users.team, name="team"),
]
