"""person_page:trail-shown person_page:trail-export"""
