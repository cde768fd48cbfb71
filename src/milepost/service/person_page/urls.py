app_name = "person_page"
urlpatterns: list = []
